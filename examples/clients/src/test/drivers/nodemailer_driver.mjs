// Sends what comes on standard input, a message in JSON a line, and says what came of it, in JSON a line.
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { createSender, refusal } from '../../../nodemailer/sender.mjs';

const [port, user, pass, ca] = process.argv.slice(2);
// one connection: the next message waits for it, so that it can be seen whether it is used again
const sender = createSender({
    host: '127.0.0.1',
    port: Number(port),
    user,
    pass,
    ca: readFileSync(ca),
    maxConnections: 1,
});
const shown = (told) => (told ? [told.code, told.status, told.text].filter(Boolean).join(' ') : '');

for await (const line of createInterface({ input: process.stdin })) {
    let result;
    try {
        const refused = await sender.send(JSON.parse(line));
        result = { what: refused.length ? 'returned in info.rejectedErrors' : '', shown: refused.map(shown).join('; ') };
    } catch (error) {
        result = { what: error.code ?? error.name, shown: shown(refusal(error)) };
    }
    console.log(JSON.stringify(result));
}
sender.close();
