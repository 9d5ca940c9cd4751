/** Attributes that hold passwords, by interface class: their values would lie in results and in the log. */
const SECRET_ATTRIBUTES: ReadonlyMap<number, number> = new Map([
  // Association LN: secret; PPP setup: PPP_authentication
  [15, 7],
  [44, 5],
]);

/** Whether an attribute holds a password, whatever the meter allows. */
export function isSecret(classId: number, attribute: number): boolean {
  return SECRET_ATTRIBUTES.get(classId) === attribute;
}
