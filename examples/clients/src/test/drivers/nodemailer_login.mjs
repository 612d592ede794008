// Logs in by one mechanism: PORT MECHANISM USER SECRET AUTHORITY. Exit code 1: refused.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const nodemailer = createRequire(new URL('../../../nodemailer/sender.mjs', import.meta.url))('nodemailer');
const [port, mechanism, user, secret, authority] = process.argv.slice(2);
const transport = nodemailer.createTransport({
    host: 'localhost',
    port: Number(port),
    requireTLS: true,
    tls: { ca: readFileSync(authority) },
    ...(mechanism === 'XOAUTH2'
        ? { auth: { type: 'OAuth2', user, accessToken: secret } }
        : { auth: { user, pass: secret }, authMethod: mechanism }),
});
try {
    await transport.verify();
} catch (error) {
    console.error(error.message);
    process.exitCode = 1;
}
