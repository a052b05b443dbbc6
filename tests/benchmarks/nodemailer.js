// nodemailer's pooled transport as the peer: ready words, four values of each reader replaced in them, no templates.
// NODE_PATH=… node nodemailer.js PORT LETTERS CONNECTIONS WORDS.json [KEY.pem]
'use strict';
const { readFileSync } = require('fs');
const nodemailer = require('nodemailer');

const [port, letters, connections, wordsFile, keyFile] = process.argv.slice(2);
const words = JSON.parse(readFileSync(wordsFile, 'utf8'));
const marks = new RegExp(Object.values(words.marks).join('|'), 'g');
const nameOf = Object.fromEntries(Object.entries(words.marks).map(([name, mark]) => [mark, name]));

const options = {
  pool: true, maxConnections: +connections, maxMessages: Infinity,
  host: '127.0.0.1', port: +port, secure: false, ignoreTLS: true,
};
if (keyFile) options.dkim = { domainName: 'example.org', keySelector: 's1', privateKey: readFileSync(keyFile, 'utf8') };
const transport = nodemailer.createTransport(options);

let next = 0;
const fill = (text, values) => text.replace(marks, (mark) => values[nameOf[mark]]);

async function work() {
  while (next < +letters) {
    const number = next++;
    const token = `${String(number).padStart(32, '0')}.${'0'.repeat(32)}.WIcJdjgzy7W9Ea0zLHj1MA`;
    const values = {
      address: `reader${number}@example.org`,
      manage: `https://remember.example.org/manage/${token}`,
      leave: `https://remember.example.org/leave/${token}`,
    };
    await transport.sendMail({
      from: 'Remembrance <remember@example.org>', to: values.address, subject: words.subject,
      messageId: `<${number}.bench@example.org>`,
      headers: { 'List-Unsubscribe': `<${values.leave}>`, 'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click' },
      html: fill(words.html, values), text: fill(words.text, values),
    });
  }
}

const start = process.hrtime.bigint();
const used = process.cpuUsage();
Promise.all(Array.from({ length: +connections * 2 }, work)).then(() => {
  const seconds = Number(process.hrtime.bigint() - start) / 1e9;
  const { user, system } = process.cpuUsage(used);
  console.log(JSON.stringify({ count: +letters, seconds, cpu: (user + system) / 1e6 }));
  transport.close();
});
