// The server's half of RFC 6455, as far as a chat needs it: whole text messages of up to 64 KiB, ping, close.
import { createHash } from 'node:crypto';

const GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';
const TEXT = 1;
const CLOSE = 8;
const PING = 9;
const PONG = 10;
const GOING_AWAY = 1001;
const PROTOCOL_ERROR = 1002;

export function acceptWebSocket(request, socket, { onText, onEnd }) {
  const accept = createHash('sha1').update(`${request.headers['sec-websocket-key']}${GUID}`).digest('base64');
  socket.write(
    `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
  );
  const close = (code) => socket.end(frame(CLOSE, Buffer.from([code >> 8, code & 0xff])));
  let pending = Buffer.alloc(0);
  socket.on('data', (bytes) => {
    pending = Buffer.concat([pending, bytes]);
    for (let next = takeFrame(pending); next !== null; next = takeFrame(pending)) {
      if (next === 'unsupported') return close(PROTOCOL_ERROR);
      pending = pending.subarray(next.used);
      if (next.opcode === TEXT) onText(next.payload.toString());
      else if (next.opcode === PING) socket.write(frame(PONG, next.payload));
      else if (next.opcode === CLOSE) socket.end(frame(CLOSE, next.payload.subarray(0, 2)));
    }
  });
  socket.on('close', onEnd);
  socket.on('error', () => socket.destroy()); // the client is gone; `close` follows
  return {
    send: (text) => socket.writable && socket.write(frame(TEXT, Buffer.from(text))),
    /** Tells the client to connect again: this copy of the program is going away. */
    leave: () => close(GOING_AWAY),
  };
}

function frame(opcode, payload) {
  const { length } = payload;
  if (length < 126) return Buffer.concat([Buffer.from([0x80 | opcode, length]), payload]);
  return Buffer.concat([Buffer.from([0x80 | opcode, 126, length >> 8, length & 0xff]), payload]);
}

/** The first whole frame of what came, null when more must come. Clients always mask what they send. */
function takeFrame(bytes) {
  if (bytes.length < 2) return null;
  const final = (bytes[0] & 0x80) !== 0;
  const masked = (bytes[1] & 0x80) !== 0;
  const short = bytes[1] & 0x7f;
  if (!final || !masked || short === 127) return 'unsupported';
  const headBytes = short === 126 ? 4 : 2;
  if (bytes.length < headBytes + 4) return null;
  const length = short === 126 ? bytes.readUInt16BE(2) : short;
  const used = headBytes + 4 + length;
  if (bytes.length < used) return null;
  const mask = bytes.subarray(headBytes, headBytes + 4);
  const payload = Buffer.from(bytes.subarray(headBytes + 4, used).map((byte, index) => byte ^ mask[index % 4]));
  return { opcode: bytes[0] & 0x0f, payload, used };
}
