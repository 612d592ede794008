package dev.postern.ldap;

import com.unboundid.ldap.listener.InMemoryDirectoryServer;
import com.unboundid.ldap.listener.InMemoryDirectoryServerConfig;
import com.unboundid.ldap.listener.InMemoryListenerConfig;
import com.unboundid.ldap.listener.interceptor.InMemoryInterceptedSearchRequest;
import com.unboundid.ldap.listener.interceptor.InMemoryInterceptedSimpleBindRequest;
import com.unboundid.ldap.listener.interceptor.InMemoryInterceptedSimpleBindResult;
import com.unboundid.ldap.listener.interceptor.InMemoryOperationInterceptor;
import com.unboundid.ldap.sdk.Filter;
import com.unboundid.ldap.sdk.LDAPException;
import com.unboundid.ldap.sdk.OperationType;
import com.unboundid.ldap.sdk.ResultCode;
import com.unboundid.ldif.LDIFException;
import java.net.InetAddress;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/** The SDK's directory in memory, on a port of its own; remembers what it was asked. */
final class LdapServer implements AutoCloseable {

    static final String SERVICE = "cn=postern,ou=services,dc=example,dc=org";
    static final String SERVICE_PASSWORD = "Service Secret 5";

    /** What was searched for, and whose rights the connection had. */
    record Search(String as, Filter filter) {}

    /** How clients reach it. */
    enum Transport {
        PLAIN("ldap"),
        STARTTLS("ldap"),
        LDAPS("ldaps");

        private final String scheme;

        Transport(String scheme) {
            this.scheme = scheme;
        }
    }

    final List<String> binds = new CopyOnWriteArrayList<>();
    final List<Search> searches = new CopyOnWriteArrayList<>();
    private final Map<Long, String> boundAs = new ConcurrentHashMap<>();
    private final InMemoryDirectoryServer server;
    private final Transport transport;

    private LdapServer(int port, Transport transport, @Nullable SSLContext tls) throws LDAPException, LDIFException {
        this.transport = transport;
        InMemoryDirectoryServerConfig config = new InMemoryDirectoryServerConfig("dc=example,dc=org");
        InetAddress local = InetAddress.getLoopbackAddress();
        config.setListenerConfigs(
                transport == Transport.LDAPS && tls != null
                        ? InMemoryListenerConfig.createLDAPSConfig(
                                "ldaps", local, port, tls.getServerSocketFactory(), null)
                        : InMemoryListenerConfig.createLDAPConfig(
                                "ldap", local, port, tls == null ? null : tls.getSocketFactory()));
        config.addAdditionalBindCredentials(SERVICE, SERVICE_PASSWORD);
        config.setAuthenticationRequiredOperationTypes(OperationType.SEARCH);
        config.addInMemoryOperationInterceptor(new Recorder());
        server = new InMemoryDirectoryServer(config);
        for (String entry : People.LDIF.split("\n\n")) {
            server.add(entry.split("\n"));
        }
        server.startListening();
    }

    static LdapServer start() throws LDAPException, LDIFException {
        return at(0);
    }

    static LdapServer at(int port) throws LDAPException, LDIFException {
        return new LdapServer(port, Transport.PLAIN, null);
    }

    static LdapServer start(Transport transport, SSLContext tls) throws LDAPException, LDIFException {
        return new LdapServer(0, transport, tls);
    }

    /** For its certificate's name. */
    String url() {
        return transport.scheme + "://localhost:" + port();
    }

    int port() {
        return server.getListenPort();
    }

    /** A search that is allowed. */
    LdapAuthenticatorBuilder builder() {
        return LdapAuthenticator.builder(url())
                .plaintext()
                .users("ou=people,dc=example,dc=org", "uid", "mail")
                .searchAs(SERVICE, SERVICE_PASSWORD);
    }

    void add(String... ldif) throws LDAPException, LDIFException {
        server.add(ldif);
    }

    /** As a directory does with idle connections. */
    void hangUp() {
        server.closeAllConnections(false);
    }

    @Override
    public void close() {
        server.shutDown(true);
    }

    private final class Recorder extends InMemoryOperationInterceptor {

        @Override
        public void processSimpleBindRequest(InMemoryInterceptedSimpleBindRequest request) throws LDAPException {
            String dn = request.getRequest().getBindDN();
            if (!dn.equals(SERVICE)) {
                binds.add(dn);
            }
            if (dn.contains("busy")) {
                throw new LDAPException(ResultCode.BUSY, "come back later");
            }
        }

        @Override
        public void processSimpleBindResult(InMemoryInterceptedSimpleBindResult result) {
            boolean good = result.getResult().getResultCode().equals(ResultCode.SUCCESS);
            boundAs.put(result.getConnectionID(), good ? result.getRequest().getBindDN() : "");
        }

        @Override
        public void processSearchRequest(InMemoryInterceptedSearchRequest request) {
            searches.add(new Search(
                    boundAs.getOrDefault(request.getConnectionID(), ""),
                    request.getRequest().getFilter()));
        }
    }
}
