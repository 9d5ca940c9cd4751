import { describeOperations } from "./operations.ts";

describeOperations("http", ["v4"]);
