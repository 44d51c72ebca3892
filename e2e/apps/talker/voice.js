// Counts aloud, faster than anybody reads, and listens so that it counts as alive.
require('node:http').createServer((_, response) => response.end()).listen(process.env.PORT, '127.0.0.1');
let line = 0;
setInterval(() => {
  for (let i = 0; i < 3; i += 1) console.log(`line ${line++}`);
}, 10);
