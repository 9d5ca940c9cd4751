import {
  CipherKeys,
  cosem,
  DlmsClient,
  DlmsServer,
  InvocationCounter,
  type ServiceRequest,
  WrapperClientLink,
  WrapperServerLink,
} from "../../src/dlms/index.ts";
import { fromHex } from "../../src/lib/bytes.ts";
import { parseObis } from "../../src/lib/obis.ts";
import { systemRandom } from "../../src/lib/random.ts";

const KEYS = () =>
  new CipherKeys(fromHex("000102030405060708090A0B0C0D0E0F"), fromHex("D0D1D2D3D4D5D6D7D8D9DADBDCDDDEDF"));
const CLOCK_TIME: ServiceRequest = {
  type: "get",
  attributes: [{ classId: 8, logicalName: parseObis("0.0.1.0.0.255"), attribute: 2 }],
};
const TIME = cosem.octetString(fromHex("07EA0B15060D1E3600FFC400"));

/** Client and meter that hand each other octets without a socket, associated with HLS5. */
class Pair {
  readonly #client = new DlmsClient({
    link: new WrapperClientLink({ client: 1, server: 1 }),
    security: {
      type: "hls5",
      challenge: systemRandom.bytes(16),
      ciphering: {
        keys: KEYS(),
        systemTitle: fromHex("4D4D4D0000BC614E"),
        invocationCounter: new InvocationCounter(0),
      },
    },
  });
  readonly #server = new DlmsServer({
    link: new WrapperServerLink(),
    random: systemRandom,
    association: () => ({
      security: {
        type: "hls5",
        ciphering: {
          keys: KEYS(),
          systemTitle: fromHex("4142434445464748"),
          invocationCounter: new InvocationCounter(0),
        },
      },
    }),
  });
  answers = 0;

  constructor() {
    this.#client.connect();
    this.#run();
  }

  get(): void {
    this.#client.request(CLOCK_TIME);
    this.#run();
  }

  #run(): void {
    for (let moved = true; moved; ) {
      moved = false;
      for (let event = this.#client.nextEvent(); event; event = this.#client.nextEvent()) {
        moved = true;
        if (event.type === "send") this.#server.receive(event.bytes);
        else if (event.type === "response") this.answers++;
        else if (event.type === "failed") throw event.error;
      }
      for (let event = this.#server.nextEvent(); event; event = this.#server.nextEvent()) {
        moved = true;
        if (event.type === "send") this.#client.receive(event.bytes);
        else if (event.type === "request") this.#server.respond({ type: "get", results: [{ data: TIME }] });
      }
    }
  }
}

/** Ciphered GETs per second through both sides of the library: four passes of GCM an exchange, no sockets. */
export function cipheredGetsPerSecond(durationMs: number): number {
  const pair = new Pair();
  for (let i = 0; i < 2_000; i++) pair.get();
  pair.answers = 0;
  const startMs = performance.now();
  while (performance.now() - startMs < durationMs) for (let i = 0; i < 100; i++) pair.get();
  return pair.answers / ((performance.now() - startMs) / 1000);
}
