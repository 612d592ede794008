// Logs in by one mechanism: PORT MECHANISM USER SECRET. Exit code 1: refused. Trusts by NODE_EXTRA_CA_CERTS.
import { createRequire } from 'node:module';

const { default: SmtpClient } = createRequire(new URL('../../../nodemailer/sender.mjs', import.meta.url))(
    'emailjs-smtp-client',
);
const [port, mechanism, user, secret] = process.argv.slice(2);
const client = new SmtpClient('localhost', Number(port), {
    requireTLS: true,
    authMethod: mechanism,
    auth: { user, pass: secret, xoauth2: secret },
});
client.logLevel = client.LOG_LEVEL_NONE;
process.exitCode = 1;
client.onerror = error => console.error(error.message);
client.onidle = () => {
    process.exitCode = 0;
    client.quit();
};
client.connect();
