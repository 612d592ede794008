// The relay's peer: smtp-server takes messages from clients that log in, pooled nodemailer hands each on as it comes, and
// the client gets the upstream's answer. TLS on both legs. Arguments: upstream's port, key and certificate in PEM files,
// user, secret. Prints its port when it listens.
import { readFileSync } from 'node:fs';
import nodemailer from 'nodemailer';
import { SMTPServer } from 'smtp-server';

const [upstreamPort, keyFile, certificateFile, user, secret] = process.argv.slice(2);
const key = readFileSync(keyFile);
const cert = readFileSync(certificateFile);

const upstream = nodemailer.createTransport({
    pool: true,
    host: '127.0.0.1',
    port: Number(upstreamPort),
    secure: true,
    tls: { ca: cert },
    auth: { user, pass: secret },
    maxConnections: 50,
    maxMessages: Infinity,
});

const server = new SMTPServer({
    secure: true,
    key,
    cert,
    disableReverseLookup: true,
    onAuth(auth, session, done) {
        const right = auth.username === user && auth.password === secret;
        done(right ? null : new Error('Invalid username or password'), right ? { user } : undefined);
    },
    onData(stream, session, done) {
        const envelope = {
            from: session.envelope.mailFrom.address,
            to: session.envelope.rcptTo.map((recipient) => recipient.address),
        };
        upstream.sendMail({ envelope, raw: stream }).then((info) => done(null, info.response), done);
    },
});
server.on('error', () => {}); // a client that hangs up without QUIT
server.listen(0, '127.0.0.1', () => console.log(`listening on 127.0.0.1:${server.server.address().port}`));
process.on('SIGTERM', () => process.exit(0));
