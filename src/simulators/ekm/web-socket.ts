import { createHash } from "node:crypto";
import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";

/** RFC 6455, section 1.3 */
const GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
const [FINAL_TEXT, CLOSE] = [0x81, 0x88];

/**
 * Answers an upgrade to a WebSocket that is only written to; what the peer sends is not read.
 * @returns how to send a text, or its beginning and then nothing more
 */
export function acceptWebSocket({ headers }: IncomingMessage, socket: Duplex) {
  const accept = createHash("sha1").update(`${headers["sec-websocket-key"]}${GUID}`).digest("base64");
  const head = ["HTTP/1.1 101 Switching Protocols", "Upgrade: websocket", "Connection: Upgrade"];
  socket.write(`${[...head, `Sec-WebSocket-Accept: ${accept}`].join("\r\n")}\r\n\r\n`);
  const close = () => void socket.end(Buffer.from([CLOSE, 0]));
  socket
    .on("error", () => {})
    .on("end", close)
    .resume();
  return {
    send: (text: string) => void socket.write(frame(text)),
    cut(text: string) {
      const whole = frame(text);
      socket.write(whole.subarray(0, whole.length >> 1), () => socket.destroy());
    },
    close,
  };
}

function frame(text: string): Buffer {
  const payload = Buffer.from(text);
  const isShort = payload.length < 126;
  const head = Buffer.alloc(isShort ? 2 : 10);
  head[0] = FINAL_TEXT;
  head[1] = isShort ? payload.length : 127;
  if (!isShort) head.writeBigUInt64BE(BigInt(payload.length), 2);
  return Buffer.concat([head, payload]);
}
