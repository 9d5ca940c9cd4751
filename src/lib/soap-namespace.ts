/** Namespace of the envelope of SOAP 1.1. */
export const SOAP_11 = "http://schemas.xmlsoap.org/soap/envelope/";
