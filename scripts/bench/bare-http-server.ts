import { readFileSync } from "node:fs";
import { createServer } from "node:http";

// The least that a Node server can do with a request: read it and send back a fixed answer of the usual size.
const answer = readFileSync(new URL("./async-response.xml", import.meta.url));
const server = createServer((request, response) => {
  request.resume();
  request.on("end", () => {
    response.writeHead(200, { "content-type": "text/xml; charset=utf-8", "content-length": answer.length });
    response.end(answer);
  });
});
server.listen(0, "127.0.0.1", () => console.log(`port ${(server.address() as { port: number }).port}`));
process.on("SIGTERM", () => process.exit(0));
