import type { IntegerType } from "./values.ts";

/** The Time cluster of a gateway, which is the time server of its network. */
export const TIME_CLUSTER = 0x000a;
/** The gateway's endpoint that has it. */
export const TIME_ENDPOINT = 0x0a;

/** An attribute that can be written: its number, and the code and the width of its type. */
export interface TimeAttribute {
  readonly id: number;
  readonly typeCode: number;
  readonly type: IntegerType;
}

/** Seconds to be added to UTC, moments in seconds since 2000, and seconds to be added between them. */
export const TIME_ATTRIBUTES = {
  zone: { id: 2, typeCode: 0x2b, type: "s32" },
  dstStart: { id: 3, typeCode: 0x23, type: "u32" },
  dstEnd: { id: 4, typeCode: 0x23, type: "u32" },
  dstShift: { id: 5, typeCode: 0x2b, type: "s32" },
} as const satisfies Record<string, TimeAttribute>;
