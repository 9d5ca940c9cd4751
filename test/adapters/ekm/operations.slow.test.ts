import { describeOperations } from "./operations.ts";

describeOperations("http", ["v3", "v5"]);
describeOperations("websocket", ["v3", "v4", "v5"]);
