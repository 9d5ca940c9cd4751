import assert from "node:assert/strict";
import { type ErrorCode, MetergateError } from "../../src/domain/errors.ts";
import type { Action } from "../../src/domain/request.ts";
import { parseObis } from "../../src/lib/obis.ts";
import type { ActivityCalendar, DayProfile, WeekProfile } from "../../src/operations/activity-calendar.ts";
import { checkAction } from "../../src/operations/registry.ts";

const day = (dayId: number, startTime = "00000000"): DayProfile => ({
  dayId,
  actions: [{ startTime, scriptSelector: 1 }],
});
const week = (name: string, days: readonly DayProfile[] = [day(0)]): WeekProfile => {
  const at = (i: number) => days[i] ?? days[0]!;
  return { name, days: [at(0), at(1), at(2), at(3), at(4), at(5), at(6)] };
};
const season = (name: string, profile = week("1")) => ({ name, start: "FFFF0101FF0000000000C400", week: profile });
const calendar = (seasons: ActivityCalendar["seasons"]): Action => ({
  operation: "SetActivityCalendar",
  request: { name: "C", activatePassiveCalendarTime: "FFFFFFFFFFFFFFFFFF800000", seasons },
});

function refusal(action: Action, code: ErrorCode = "VALIDATION_ERROR"): string | undefined {
  try {
    checkAction(action);
    return undefined;
  } catch (error) {
    assert.ok(error instanceof MetergateError);
    assert.equal(error.code, code);
    return error.message;
  }
}

describe("validation of an activity calendar", () => {
  const many = ["1", "2", "3", "4", "5"];
  const cases: [string, Action, string | undefined][] = [
    ["four seasons over one week", calendar(many.slice(1).map((name) => season(name))), undefined],
    [
      "five seasons",
      calendar(many.map((name) => season(name))),
      "Maximum number of seasons supported (4) is exceeded: 5",
    ],
    ["two seasons of one name", calendar([season("1"), season("1")]), "Not all seasons have a unique name"],
    ["a season named A", calendar([season("A")]), "Not all season names contain exactly one digit"],
    ["a season named 12", calendar([season("12")]), "Not all season names contain exactly one digit"],
    ["a week named A", calendar([season("1", week("A"))]), "Not all week names contain exactly one digit"],
    [
      "one week name for two weeks",
      calendar([season("1", week("1")), season("2", week("1", [day(1)]))]),
      "Weekprofiles with same name have different day profiles",
    ],
    [
      "five day ids",
      calendar([
        season(
          "1",
          week(
            "1",
            many.map((id) => day(Number(id))),
          ),
        ),
      ]),
      "Maximum number of days supported (4) is exceeded: 5",
    ],
    [
      "one day id for two days",
      calendar([season("1", week("1", [day(1), day(1, "06000000")]))]),
      "Dayprofiles with same dayid have different switching points",
    ],
  ];
  for (const [title, action, expected] of cases) {
    it(`${expected ? "refuses" : "accepts"} ${title}`, () => assert.equal(refusal(action), expected));
  }
});

describe("validation of other actions", () => {
  it("refuses a time zone that no one knows, by its name", () => {
    const action: Action = { operation: "SynchronizeTime", request: { timeZone: "Europe/Atlantis" } };
    assert.match(refusal(action) ?? "", /Europe\/Atlantis/);
  });

  it("refuses a randomisation factor beyond 7 and takes 7", () => {
    const settings = (multiplicationFactor: number): Action => ({
      operation: "SetRandomisationSettings",
      request: { directAttach: false, randomisationStartWindow: 1, multiplicationFactor, numberOfRetries: 31 },
    });
    assert.equal(refusal(settings(7)), undefined);
    assert.match(refusal(settings(8)) ?? "", /multiplicationFactor must be 1 to 7, not 8/);
  });

  it("refuses a push setup that sets nothing", () => {
    assert.match(refusal({ operation: "SetPushSetupAlarm", request: {} }) ?? "", /PushObjectList/);
  });

  it("refuses keys that are not sealed as what cannot be decrypted, without repeating them", () => {
    const keys = (authenticationKey: string, encryptionKey: string): Action => ({
      operation: "ReplaceKeys",
      request: { authenticationKey, encryptionKey },
    });
    const sealed = "A5".repeat(256);
    const clear = "A5".repeat(16);
    assert.equal(refusal(keys(sealed, sealed)), undefined);
    const text = "is not sealed: a ciphertext has 256 octets or more, not 16";
    assert.equal(refusal(keys(clear, sealed), "DECRYPTION_EXCEPTION"), `AuthenticationKey ${text}`);
    assert.equal(refusal(keys(sealed, clear), "DECRYPTION_EXCEPTION"), `EncryptionKey ${text}`);
  });

  it("refuses to read an attribute that holds a password", () => {
    const read = (classId: number, attribute: number): Action => ({
      operation: "GetSpecificAttributeValue",
      request: { classId, attribute, logicalName: parseObis("0.0.40.0.0.255") },
    });
    assert.match(refusal(read(15, 7)) ?? "", /Attribute 7 of class 15 holds a secret/);
    assert.equal(refusal(read(15, 2)), undefined);
  });
});
