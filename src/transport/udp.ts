import { createSocket } from "node:dgram";
import { MetergateError } from "../domain/errors.ts";

/**
 * Sends one UDP datagram; whether it arrives nobody knows.
 * @throws MetergateError CONNECTION_ERROR when the system does not send it
 */
export function sendUdp(host: string, port: number, octets: Uint8Array): Promise<void> {
  const socket = createSocket(host.includes(":") ? "udp6" : "udp4");
  const failed = (cause: Error) =>
    new MetergateError("CONNECTION_ERROR", `no datagram could be sent to ${host} port ${port}`, { cause });
  return new Promise((resolve, reject) => {
    socket.once("error", (error) => reject(failed(error)));
    socket.send(octets, port, host, (error) => {
      socket.close();
      if (error) reject(failed(error));
      else resolve();
    });
  });
}
