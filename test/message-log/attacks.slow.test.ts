import { describeAttacks } from "./attacks.ts";

describe("before both verifiers", () => describeAttacks(true));
