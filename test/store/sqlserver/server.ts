import { createServer, type Server, type Socket } from "node:net";
import { databaseOf, readBatch, readCall, readTransaction } from "./requests.ts";
import { PlayedSession } from "./session.ts";
import { doneToken, loginTokens, PRELOGIN } from "./tokens.ts";

const HEADER = 8;
const PACKET = 4_096;
const TYPES = { batch: 1, call: 3, answer: 4, attention: 6, transaction: 14, login: 16, prelogin: 18 } as const;
const LAST = 1;

/** What a test lets happen to the next request that a statement of it matches. */
export interface Trouble {
  readonly statement: RegExp;
  /**
   * The number of an error; what becomes of the connection, before or after the statement was carried out; no answer
   * until the client gives up; or another statement in place of it.
   */
  readonly what: number | "cut before" | "cut after" | "hang" | { readonly instead: string };
}

/** A server that speaks the protocol of SQL Server and has PostgreSQL carry out what it is asked. */
export class PlayedServer {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #troubles: Trouble[] = [];
  /** All texts that were asked for. */
  readonly recorded = new Set<string>();
  /** What it could not understand. */
  readonly failures: Error[] = [];

  constructor(postgresUrl: (database: string) => string) {
    this.#server = createServer((socket) => {
      this.#sockets.add(socket);
      socket.on("close", () => this.#sockets.delete(socket));
      new Connection(socket, postgresUrl, this);
    });
  }

  /** The address of a database of the server. */
  async listen(): Promise<(database: string) => string> {
    await new Promise<void>((resolve) => this.#server.listen(0, "127.0.0.1", resolve));
    const { port } = this.#server.address() as { port: number };
    return (database) => `mssql://sa:secret@127.0.0.1:${port}/${database}?encrypt=false`;
  }

  trouble(trouble: Trouble): void {
    this.#troubles.push(trouble);
  }

  /** What is to happen to a statement, once. */
  takeTrouble(sql: string): Trouble["what"] | undefined {
    const at = this.#troubles.findIndex(({ statement }) => statement.test(sql));
    return at < 0 ? undefined : this.#troubles.splice(at, 1)[0]!.what;
  }

  /** Cuts all connections. */
  cut(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  async close(): Promise<void> {
    this.cut();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

/** One connection: packets to messages, messages to answers, one after the other. */
class Connection {
  readonly #socket: Socket;
  readonly #postgresUrl: (database: string) => string;
  readonly #server: PlayedServer;
  #received = Buffer.alloc(0);
  #message: Buffer[] = [];
  #session: PlayedSession | undefined;
  #done: Promise<void> = Promise.resolve();
  /** What was asked for last gets no answer. */
  #isHanging = false;

  constructor(socket: Socket, postgresUrl: (database: string) => string, server: PlayedServer) {
    this.#socket = socket;
    this.#postgresUrl = postgresUrl;
    this.#server = server;
    socket.setNoDelay(true);
    socket.on("data", (data) => this.#receive(data));
    socket.on("error", () => {});
    socket.on("close", () => void this.#end());
  }

  #fail(error: Error): void {
    this.#server.failures.push(error);
    this.#socket.destroy();
  }

  async #end(): Promise<void> {
    await this.#done;
    await this.#session?.close();
  }

  #receive(data: Buffer): void {
    this.#received = Buffer.concat([this.#received, data]);
    while (this.#received.length >= HEADER && this.#received.length >= this.#received.readUInt16BE(2)) {
      const packet = this.#received.subarray(0, this.#received.readUInt16BE(2));
      this.#received = this.#received.subarray(packet.length);
      this.#message.push(packet.subarray(HEADER));
      if ((packet[1]! & LAST) === 0) continue;
      const message = Buffer.concat(this.#message.splice(0));
      const type = packet[0]!;
      this.#done = this.#done.then(() => this.#answer(type, message)).catch((error: Error) => this.#fail(error));
    }
  }

  async #answer(type: number, message: Buffer): Promise<void> {
    if (type === TYPES.prelogin) this.#send(PRELOGIN);
    else if (type === TYPES.attention) {
      // What was asked for is ended first, and then the client is told that it was heard.
      if (this.#isHanging) this.#send(await this.#session!.cancel());
      this.#isHanging = false;
      this.#send(doneToken("batch", { cancelled: true }));
    } else if (type === TYPES.login) {
      const database = databaseOf(message);
      this.#session = await PlayedSession.open(this.#postgresUrl(database));
      this.#send(loginTokens(database));
    } else await this.#carryOut(type, message);
  }

  async #carryOut(type: number, message: Buffer): Promise<void> {
    const read = { [TYPES.batch]: readBatch, [TYPES.call]: readCall, [TYPES.transaction]: readTransaction }[type];
    if (!read) throw new Error(`a message of type ${type}`);
    const request = read(message);
    const trouble = this.#server.takeTrouble("sql" in request ? request.sql : request.kind);
    if (trouble === "cut before") {
      this.#socket.destroy();
      return;
    }
    if (trouble === "hang") {
      this.#isHanging = true;
      return;
    }
    const failure = typeof trouble === "number" ? trouble : undefined;
    const asked = typeof trouble === "object" ? ({ kind: "batch", sql: trouble.instead } as const) : request;
    const recorded = typeof trouble === "object" ? new Set<string>() : this.#server.recorded;
    const answer = await this.#session!.answer(asked, recorded, failure);
    if (trouble === "cut after") this.#socket.destroy();
    else this.#send(answer);
  }

  #send(tokens: Buffer): void {
    for (let at = 0; at < tokens.length; at += PACKET - HEADER) {
      const part = tokens.subarray(at, at + PACKET - HEADER);
      const header = Buffer.alloc(HEADER);
      header.writeUInt8(TYPES.answer, 0);
      header.writeUInt8(at + part.length === tokens.length ? LAST : 0, 1);
      header.writeUInt16BE(HEADER + part.length, 2);
      header.writeUInt8(1, 6);
      this.#socket.write(Buffer.concat([header, part]));
    }
  }
}
