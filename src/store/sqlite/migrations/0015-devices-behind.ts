/** What is behind an electricity meter is looked for whenever one more is coupled. */
export const statements = ["create index device_gateway on device (gateway_device) where gateway_device is not null"];
