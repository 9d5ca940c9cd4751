import { describeAttacks } from "./attacks.ts";

describeAttacks(false);
