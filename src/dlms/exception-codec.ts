import type { Apdu } from "./apdu.ts";
import type { ByteReader } from "./byte-reader.ts";
import type { ByteWriter } from "./byte-writer.ts";

/** The service-error alternative with a value: Unsigned32, the invocation counter that the server expects. */
const INVOCATION_COUNTER_ERROR = 6;

type ExceptionResponse = Extract<Apdu, { type: "exception-response" }>;
type ConfirmedServiceError = Extract<Apdu, { type: "confirmed-service-error" }>;

/** Exception-Response: state-error, service-error, and the expected counter when it is given. */
export function writeExceptionResponse(writer: ByteWriter, apdu: ExceptionResponse): void {
  writer.unsigned8(apdu.stateError);
  writer.unsigned8(apdu.serviceError);
  if (apdu.expectedInvocationCounter !== undefined) writer.unsigned32(apdu.expectedInvocationCounter);
}

/** The expected counter may be missing: what the server refuses is worth more than the counter. */
export function readExceptionResponse(reader: ByteReader): ExceptionResponse {
  const stateError = reader.unsigned8();
  const serviceError = reader.unsigned8();
  if (serviceError !== INVOCATION_COUNTER_ERROR || reader.remaining === 0) {
    return { type: "exception-response", stateError, serviceError };
  }
  return {
    type: "exception-response",
    stateError,
    serviceError,
    expectedInvocationCounter: reader.unsigned32(),
  };
}

/** Each alternative of ConfirmedServiceError holds a ServiceError, and each alternative of that an enumerated value. */
export function writeConfirmedServiceError(writer: ByteWriter, apdu: ConfirmedServiceError): void {
  writer.unsigned8(apdu.service);
  writer.unsigned8(apdu.category);
  writer.unsigned8(apdu.value);
}

/** From the three octets behind the tag. */
export function readConfirmedServiceError(reader: ByteReader): ConfirmedServiceError {
  return {
    type: "confirmed-service-error",
    service: reader.unsigned8(),
    category: reader.unsigned8(),
    value: reader.unsigned8(),
  };
}
