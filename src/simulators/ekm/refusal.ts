/** What a meter, a gateway or the cloud answers that says no. */
export class Refusal extends Error {
  readonly code = "EKM_REFUSAL";
}

export function refuse(text: string): never {
  throw new Refusal(text);
}
