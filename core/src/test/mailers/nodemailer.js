// Writes messages by nodemailer, as CRLF files: NODE_PATH=.../node_modules node nodemailer.js DIRECTORY
const nodemailer = require('nodemailer');
const fs = require('fs');
const path = require('path');

const out = process.argv[2];
const pdf = Buffer.from('%PDF-1.4\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n', 'latin1');
const png = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==', 'base64');
const base = { from: '"Alice Ädams" <alice@client.test>', to: 'bob@dest.test', date: new Date('2026-01-15T12:00:00Z') };
const ics = 'BEGIN:VCALENDAR\r\nVERSION:2.0\r\nMETHOD:REQUEST\r\nBEGIN:VEVENT\r\nUID:1\r\nDTSTART:20260116T100000Z\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n';

const messages = {
  plain: { subject: 'plain', text: 'Hello.\n.\n..dots\nFrom the start\n' },
  html: { subject: 'größe 🎉', text: 'Grüße', html: '<p>Grüße <b>=</b></p>' },
  'long-flowed': { subject: 'long', text: 'word '.repeat(1000), textEncoding: 'quoted-printable' },
  base64: { subject: 'base64', text: 'Grüße '.repeat(300), encoding: 'base64' },
  embedded: { subject: 'embedded', html: '<img src="cid:a@b">', attachments: [{ filename: 'a.png', content: png, cid: 'a@b' }] },
  attachments: {
    subject: 'attachments', text: 'see there', html: '<p>see there</p>',
    attachments: [
      { filename: 'paper.pdf', content: pdf }, { filename: 'größe 見積書.pdf', content: pdf }, { filename: 'a.txt', content: 'text' },
      { filename: 'noext', content: Buffer.from([0, 1, 2]) }, { filename: false, content: 'unnamed' },
      { filename: 'it\'s "quoted"; (1).pdf', content: pdf }, { filename: 'x'.repeat(300) + '.pdf', content: pdf },
      { filename: 'empty.pdf', content: '' }, { filename: 'a.csv', content: 'a;b\n1;2\n', contentType: 'text/csv' },
    ],
  },
  calendar: { subject: 'invitation', text: 'come', icalEvent: { method: 'REQUEST', filename: 'invite.ics', content: ics } },
  forward: {
    subject: 'Fwd', text: 'see below',
    attachments: [{ contentType: 'message/rfc822', filename: 'original.eml', content: 'From: x@y.test\r\nSubject: original\r\n\r\nbody\r\n' }],
  },
  'amp-list': {
    subject: 'newsletter', text: 'news', html: '<p>news</p>', amp: '<!doctype html><html ⚡4email><body></body></html>',
    list: { unsubscribe: { url: 'https://client.test/u', comment: 'Unsubscribe' }, id: { url: 'news.client.test', comment: 'News' } },
    headers: { 'X-Long': 'value '.repeat(100), 'x-unicode': 'ä'.repeat(100) }, priority: 'high', replyTo: 'c@client.test',
  },
};

(async () => {
  const transport = nodemailer.createTransport({ streamTransport: true, buffer: true, newline: 'windows' });
  for (const [name, message] of Object.entries(messages)) {
    const info = await transport.sendMail({ ...base, messageId: `<${name}@client.test>`, ...message });
    fs.writeFileSync(path.join(out, `nodemailer-${name}.eml`), info.message);
  }
})();
