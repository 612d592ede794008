package dev.postern.ldap;

/** Who is in the directories of the tests, by the schema that every server has. */
final class People {

    static final String ANN = "Correct Horse 9";
    static final String BOB = "Battery Staple 8";
    static final String CARL = "Closed Account 7";
    static final String OTHERS = "Something Else 6";

    static final String LDIF = """
            dn: dc=example,dc=org
            objectClass: domain
            dc: example

            dn: ou=people,dc=example,dc=org
            objectClass: organizationalUnit
            ou: people

            dn: ou=groups,dc=example,dc=org
            objectClass: organizationalUnit
            ou: groups

            """ + person("ann", ANN, """
            mail: ann@example.org
            mail: a.smith@example.org
            o: Acme
            employeeNumber: 3
            roomNumber: 100
            employeeType: TRUE
            associatedDomain: ann.example
            """) + person("bob", BOB, """
            mail: bob@example.net
            employeeType: true
            """) + person("carl", CARL, """
            mail: carl@example.net
            employeeType: FALSE
            """)
            + person("twin1", OTHERS, "mail: twin@example.org\n")
            + person("twin2", OTHERS, "mail: twin@example.org\n")
            + person("twin3", OTHERS, "mail: triplet@example.org\n")
            + person("num", OTHERS, "employeeNumber: many\n")
            + person("zero", OTHERS, "employeeNumber: 0\n")
            + person("dom", OTHERS, "associatedDomain: not a domain\n")
            + person("two", OTHERS, "o: Acme\no: Other\n")
            + "dn: uid=nopass,ou=people,dc=example,dc=org\nobjectClass: inetOrgPerson\nuid: nopass\ncn: n\nsn: n\n\n"
            + """
            dn: cn=sales,ou=groups,dc=example,dc=org
            objectClass: groupOfNames
            objectClass: domainRelatedObject
            cn: sales
            member: uid=ann,ou=people,dc=example,dc=org
            member: uid=bob,ou=people,dc=example,dc=org
            associatedDomain: example.org
            associatedDomain: *.example.com

            dn: cn=staff,ou=groups,dc=example,dc=org
            objectClass: groupOfNames
            cn: staff
            member: uid=ann,ou=people,dc=example,dc=org
            member: cn=holding,ou=groups,dc=example,dc=org

            dn: cn=company,ou=groups,dc=example,dc=org
            objectClass: groupOfNames
            objectClass: domainRelatedObject
            cn: company
            member: cn=staff,ou=groups,dc=example,dc=org
            associatedDomain: company.example

            dn: cn=holding,ou=groups,dc=example,dc=org
            objectClass: groupOfNames
            objectClass: domainRelatedObject
            cn: holding
            member: cn=company,ou=groups,dc=example,dc=org
            associatedDomain: holding.example
            """;

    private People() {}

    private static String person(String uid, String password, String more) {
        return """
                dn: uid=%1$s,ou=people,dc=example,dc=org
                objectClass: inetOrgPerson
                objectClass: domainRelatedObject
                uid: %1$s
                cn: %1$s
                sn: %1$s
                userPassword: %2$s
                %3$s%4$s
                """.formatted(
                        uid, password, more.contains("associatedDomain") ? "" : "associatedDomain: x.example\n", more);
    }
}
