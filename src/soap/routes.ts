import { type ElementName, elementNameOf, type Operation, type Service } from "../contract/codec.ts";
import { WIRE_FORMS } from "../contract/operations/index.ts";
import type { WireForm } from "../contract/operations/wire-form.ts";
import { SoapFault } from "./fault.ts";

/** What is to be done with a message. */
export type Route = { readonly name: string; readonly input: ElementName; readonly output: ElementName } & (
  | { readonly kind: "request"; readonly form: WireForm }
  | { readonly kind: "fetch"; readonly form: WireForm }
  | { readonly kind: "fetch-alarm" }
  | { readonly kind: "delete-response-data" }
);

/** Undefined for an operation that the contract has and nobody defined: it is not offered. */
function routeOf(operation: Operation): Route | undefined {
  const { name, input, output } = operation;
  if (operation.kind === "sync") return { name, input, output, kind: "delete-response-data" };
  const request = operation.kind === "request" ? name : operation.request;
  // Alarms come from the meter by themselves: there is a result to fetch and no request.
  if (request === undefined) return { name, input, output, kind: "fetch-alarm" };
  const form = WIRE_FORMS.get(request);
  return form && { name, input, output, kind: operation.kind, form };
}

/** The operations of one service, found by the name of the body's element. */
export class Routes {
  readonly #byElement: ReadonlyMap<ElementName, Route>;

  constructor(service: Service) {
    const routes = service.operations.flatMap((operation) => routeOf(operation) ?? []);
    this.#byElement = new Map(routes.map((route) => [route.input, route]));
  }

  /**
   * @param soapAction value of the header without its quotes; empty or the operation's name.
   * @throws SoapFault Client when the service has no such operation or the action names another one.
   */
  find(namespace: string, name: string, soapAction: string): Route {
    const element = elementNameOf(namespace, name);
    const route = element && this.#byElement.get(element);
    if (!route) throw new SoapFault("Client", `This service has no operation for the element {${namespace}}${name}`);
    if (soapAction !== "" && soapAction !== route.name) {
      throw new SoapFault("Client", `SOAPAction is ${soapAction}, but the body is that of ${route.name}`);
    }
    return route;
  }
}
