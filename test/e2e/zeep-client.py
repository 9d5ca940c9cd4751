"""A strict client that zeep makes from served WSDLs.

Reads a job from standard input and prints a line of JSON per document. Each document is first read into typed values and
then sent as zeep writes these; zeep refuses whatever the WSDL does not have, in both directions.
"""
import json
import sys
import time

from lxml import etree
from zeep import Client, Settings
from zeep.exceptions import Fault
from zeep.helpers import serialize_object
from zeep.xsd.valueobjects import CompoundValue

COMMON = "{http://www.opensmartgridplatform.org/schemas/common/2014/10}"
HEADERS = ("OrganisationIdentification", "UserName", "ApplicationName")
NOT_THERE = "405"
SOAP = "{http://schemas.xmlsoap.org/soap/envelope/}"

clients = {}


def client_of(wsdl):
    if wsdl not in clients:
        clients[wsdl] = Client(wsdl, settings=Settings(strict=True))
    return clients[wsdl]


def body_of(envelope):
    return etree.fromstring(envelope.encode()).find(SOAP + "Body")[0]


def filled(values, kind):
    """With an empty value for each empty element that has to be there: zeep reads such as nothing at all."""
    for name, element in getattr(kind, "elements", []):
        value = getattr(values, name, None)
        if value is None and not element.is_optional:
            setattr(values, name, {})
        elif isinstance(value, CompoundValue):
            filled(value, element.type)
    for choice in getattr(values, "_value_1", None) or []:
        for name in choice:
            choice[name] = {} if choice[name] is None else choice[name]
    return values


def values_of(client, element):
    """The element as zeep's typed values."""
    described = client.get_element(element.tag)
    values = described.parse(element, client.wsdl.types)
    return None if values is None else filled(values, described.type)


def code_of(fault):
    code = None if fault.detail is None else fault.detail.find(".//" + COMMON + "Code")
    return None if code is None else code.text


def call(client, operation, headers, values):
    return client.service[operation](_soapheaders=headers, **values)


def run(job, document, finished):
    client = client_of(document["wsdl"])
    text = document["text"]
    if finished:
        text = text.replace(job["placeholder"], finished[0])
    values = values_of(client, body_of(text))
    given = {name: getattr(values, name) for name in values} if values is not None else {}
    headers = dict(zip(HEADERS, job["caller"]))
    answer = call(client, document["operation"], headers, given)
    if not document["fetch"]:
        return answer
    ticket = {"DeviceIdentification": answer.DeviceIdentification, "CorrelationUid": answer.CorrelationUid}
    while True:
        try:
            answer = call(client, document["fetch"], headers, ticket)
            finished.append(ticket["CorrelationUid"])
            return answer
        except Fault as fault:
            if code_of(fault) != NOT_THERE:
                raise
            time.sleep(0.02)


def main():
    job = json.load(sys.stdin)
    finished = []
    for document in job["documents"]:
        told = {"name": document["name"]}
        try:
            told["answer"] = serialize_object(run(job, document, finished), dict)
        except Fault as fault:
            told["fault"] = f"{fault.message} {code_of(fault)}"
        print(json.dumps(told, default=str), flush=True)
    for message in job.get("notifications", []):
        client = client_of(job["notificationWsdl"])
        values = values_of(client, body_of(message["text"]))
        # As somebody who is called would send the same: both must be allowed by the WSDL.
        client.create_message(client.service, "SendNotification", _soapheaders=dict(zip(HEADERS, job["caller"])),
                              Notification=values.Notification)
        print(json.dumps({"name": message["name"], "answer": serialize_object(values, dict)}, default=str), flush=True)


main()
