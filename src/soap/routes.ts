import {
  CONTRACT_SERVICES,
  type ElementName,
  elementNameOf,
  type Service,
  type ServiceOperation,
} from "../contract/codec.ts";
import { WIRE_FORMS } from "../contract/operations/index.ts";
import { SoapFault, shownName } from "./fault.ts";
import { HANDLERS, type Handler, handleFetch, handleRequest } from "./handlers.ts";

/** An operation of a service: its elements and what is to be done with a message. */
export interface Route {
  readonly name: string;
  readonly input: ElementName;
  readonly output: ElementName;
  /** WS-Addressing action of its answer: the default pattern of WS-Addressing Metadata, section 4.4.4. */
  readonly answerAction: string;
  readonly handle: Handler;
}

/** Undefined for an operation that the contract has and nobody defined: it is not offered. */
function handlerOf(operation: ServiceOperation): Handler | undefined {
  const own = HANDLERS[operation.name];
  if (own || operation.kind === "sync") return own;
  const form = WIRE_FORMS.get(operation.kind === "request" ? operation.name : (operation.request ?? ""));
  if (!form?.requestElement) return undefined;
  return operation.kind === "request" ? handleRequest(form) : handleFetch(form);
}

function isUrn(namespace: string): boolean {
  return /^urn:/i.test(namespace);
}

/** Whether somebody does all that the service promises. */
export function isOffered({ operations }: Pick<Service, "operations">): boolean {
  return operations.every((operation) => handlerOf(operation) !== undefined);
}

/**
 * The services that are offered, each with its operations in the order of the port type. The contract knows others by
 * their schemas and WSDLs: they come in with the last of their operations.
 */
export const SERVICES: readonly Service[] = CONTRACT_SERVICES.filter(isOffered);

/** The operations of one service, found by the name of the body's element. */
export class Routes {
  readonly #byElement: ReadonlyMap<ElementName, Route>;

  constructor({ operations, namespace, portType }: Service) {
    const routes = operations.flatMap((operation): Route[] => {
      const { name, input, output } = operation;
      const handle = handlerOf(operation);
      const answerAction = [namespace, portType, `${name}Response`].join(isUrn(namespace) ? ":" : "/");
      return handle ? [{ name, input, output, answerAction, handle }] : [];
    });
    this.#byElement = new Map(routes.map((route) => [route.input, route]));
  }

  /**
   * The element alone decides. SOAPAction does not: the public contract's is empty, and toolkits with addressing send
   * one of their own.
   * @throws SoapFault Client when the service has no such operation
   */
  find(namespace: string, name: string): Route {
    const element = elementNameOf(namespace, name);
    const route = element && this.#byElement.get(element);
    if (route) return route;
    throw new SoapFault(
      "Client",
      `This service has no operation for the element ${shownName(namespace, name)}${element ? whereElse(element) : ""}`,
    );
  }
}

/** For whoever has the right message and the wrong address. */
function whereElse(element: ElementName): string {
  const service = CONTRACT_SERVICES.find(({ operations }) => operations.some(({ input }) => input === element));
  if (!service) return "";
  return SERVICES.includes(service)
    ? `; ${service.name} has it, at ${service.path}`
    : `; ${service.name} has it, which is not offered`;
}
