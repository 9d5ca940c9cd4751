/** What a gateway or a cloud said cannot be read. The text names what and where, and holds no secret. */
export class SmartEnergyFormatError extends Error {
  readonly code = "smart-energy/format";

  constructor(message: string) {
    super(message);
    this.name = "SmartEnergyFormatError";
  }
}
