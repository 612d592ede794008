// Sends through the relay with nodemailer: STARTTLS, AUTH, and how to read the relay's refusal.
import nodemailer from 'nodemailer';

export function createSender({ host, port, user, pass, ca, maxConnections = 10 }) {
    const transport = nodemailer.createTransport({
        host,
        port,
        requireTLS: true,
        tls: { ca }, // left out, Node's own authorities
        auth: { user, pass },
        pool: true,
        maxConnections, // at most the relay's sessions of a user
        maxMessages: 20, // at most the relay's messages of a session
    });
    return {
        // resolves to the replies to recipients that were refused while others were accepted
        async send({ from, to, subject, text }) {
            const info = await transport.sendMail({ from, to, subject, text });
            return (info.rejectedErrors ?? []).map(refusal);
        },
        close: () => transport.close(),
    };
}

// DOC nodemailer
// code, enhanced status code and text of the reply that an error tells of; undefined where it tells of none
export function refusal(error) {
    const [, code, status, text] = /^(\d{3})[ -](?:([245]\.\d{1,3}\.\d{1,3}) )?(.*)/s.exec(error.response ?? '') ?? [];
    return code && { code: Number(code), status, text };
}
// end
