import { obisToBytes } from "../../lib/obis.ts";
import { type AssociationLnElement, ATTRIBUTE_ACCESS_MODES } from "../../operations/association-objects.ts";
import type { MbusShortId } from "../../operations/mbus.ts";
import type { OperationRequest } from "../../operations/registry.ts";
import type { smAdhoc as wire } from "../generated/index.ts";
import { done, mappings, notDone, nothing } from "./mapping.ts";
import { inRange, printable, toObis } from "./values.ts";

const ATTRIBUTE_MODES = ATTRIBUTE_ACCESS_MODES satisfies readonly wire.AttributeAccessModeType[];
/** Positions are the numbers on the wire of the meter (Blue Book, class 15, access_mode). */
const METHOD_MODES = [
  "NO_ACCESS",
  "ACCESS",
  "AUTHENTICATED_ACCESS",
] as const satisfies readonly wire.MethodAccessModeType[];

/** Ranges are those of the meter's descriptor: class id long-unsigned, attribute id integer. */
function toSpecificAttributeValue({
  ClassId,
  Attribute,
  ObisCode,
}: wire.GetSpecificAttributeValueRequestData): OperationRequest<"GetSpecificAttributeValue"> {
  return {
    classId: inRange("ClassId", ClassId, 0, 65_535),
    attribute: inRange("Attribute", Attribute, -128, 127),
    logicalName: toObis(ObisCode),
  };
}

/** An access mode that the contract has no word for is left out: nothing is said about that attribute or method. */
function fromAssociationLnElement(object: AssociationLnElement): wire.AssociationLnListElement {
  return {
    ClassId: object.classId,
    Version: object.version,
    LogicalName: obisToBytes(object.logicalName),
    AccessRights: {
      AttributeAccess: {
        AttributeAccessItem: object.attributes.flatMap(({ id, mode, selectors }) => {
          const AccessMode = ATTRIBUTE_MODES[mode];
          return AccessMode ? [{ AttributeId: id, AccessMode, AccessSelectors: { AccessSelector: selectors } }] : [];
        }),
      },
      MethodAccess: {
        MethodAccessItem: object.methods.flatMap(({ id, mode }) => {
          const AccessMode = METHOD_MODES[mode];
          return AccessMode ? [{ MethodId: id, AccessMode }] : [];
        }),
      },
    },
  };
}

/** Values that the schema's patterns do not allow (no manufacturer, a number that is no number) are nil. */
function fromMbusShortId(id: MbusShortId): wire.MbusChannelShortEquipmentIdentifier {
  return {
    Channel: id.channel,
    ShortId: {
      IdentificationNumber: /^\d{8}$/.test(id.identificationNumber) ? id.identificationNumber : null,
      ManufacturerIdentification: /^[A-Z]{3}$/.test(id.manufacturerIdentification)
        ? id.manufacturerIdentification
        : null,
      VersionIdentification: id.versionIdentification,
      DeviceTypeIdentification: id.deviceTypeIdentification,
    },
  };
}

/** Every operation of the ad-hoc service. */
export const ADHOC_OPERATIONS = mappings("sm-adhoc", {
  SynchronizeTime: {
    request: (r) => ({ timeZone: r.SynchronizeTimeRequestData.TimeZone }),
    response: done,
    errorResponse: notDone,
  },
  GetSpecificAttributeValue: {
    request: toSpecificAttributeValue,
    response: ({ text }) => ({ Result: "OK", AttributeValueData: printable(text) }),
  },
  GetAllAttributeValues: {
    request: nothing,
    response: ({ output }) => ({ Result: "OK", Output: printable(output) }),
    // There is no Description; Output must be there and has no other use when nothing was read.
    errorResponse: ({ message }) => ({ Result: "NOT OK", Output: printable(message) }),
  },
  GetAssociationLnObjects: {
    request: nothing,
    response: ({ objects }) => ({
      Result: "OK",
      AssociationLnList: { AssociationLnListElement: objects.map(fromAssociationLnElement) },
    }),
    // No place for a text here; the empty list is what the schema asks for.
    errorResponse: () => ({ Result: "NOT OK", AssociationLnList: { AssociationLnListElement: [] } }),
  },
  ScanMbusChannels: {
    request: nothing,
    response: ({ channels }) => ({ Result: "OK", ChannelShortId: channels.map(fromMbusShortId) }),
  },
  TestAlarmScheduler: {
    request: ({ TestAlarmSchedulerRequestData: { ScheduleTime, AlarmType } }) => ({
      scheduleTimeMs: ScheduleTime.getTime(),
      alarmType: AlarmType,
    }),
    response: done,
    errorResponse: notDone,
  },
});
