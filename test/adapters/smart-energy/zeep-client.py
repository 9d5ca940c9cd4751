"""Calls operations of SmartEnergy with a client that zeep makes of the WSDL: argv has its address, and the calls as JSON."""

import sys, json, time
from zeep import Client, Settings, xsd
from zeep.exceptions import Fault
client = Client(sys.argv[1], settings=Settings(strict=True))
headers, device, calls = json.loads(sys.argv[2])
def find(value, name):
    if value is None: return None
    if isinstance(value, list):
        return next((f for f in (find(v, name) for v in value) if f is not None), None)
    if hasattr(value, '__values__'):
        for key, inner in value.__values__.items():
            if key == name and inner is not None: return inner
            f = find(inner, name)
            if f is not None: return f
    return None
for operation, request, element in calls:
    sent = client.service[operation](_soapheaders=headers, **device, **request)
    fetch = operation + 'Response' if operation.startswith('Get') else 'Get' + operation + 'Response'
    for _ in range(200):
        try:
            answer = client.service[fetch](_soapheaders=headers, **device, CorrelationUid=sent.CorrelationUid)
            break
        except Fault as fault:
            if '405' not in str(fault.detail.xpath('string(.)')): raise
            time.sleep(0.05)
    print(operation, answer.Result, find(answer, element), flush=True)
