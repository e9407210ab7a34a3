"""A department's system in Python, from the published proto alone.

usage: department.py HOST:PORT KEY PROTO_FOLDER CAMPAIGN

Registers an item list and a small subject registry, repeats the registration with the same
request ids, shows what an invalid list answers, and reads the department's visits.
"""

import importlib
import json
import pathlib
import sys
import tempfile

import grpc
from grpc_tools import protoc


def compile_proto(folder):
    out = tempfile.mkdtemp()
    files = sorted(str(p) for p in pathlib.Path(folder).glob("onevisit/v1/*.proto"))
    code = protoc.main(["protoc", f"-I{folder}", f"--python_out={out}", f"--grpc_python_out={out}", *files])
    assert code == 0, "the proto does not compile"
    sys.path.insert(0, out)


def main():
    host, key, folder, campaign = sys.argv[1:5]
    compile_proto(folder)
    item = importlib.import_module("onevisit.v1.item_pb2")
    imports = importlib.import_module("onevisit.v1.import_pb2")
    subject = importlib.import_module("onevisit.v1.subject_pb2")
    registry = importlib.import_module("onevisit.v1.registry_service_pb2")
    registry_grpc = importlib.import_module("onevisit.v1.registry_service_pb2_grpc")
    visits = importlib.import_module("onevisit.v1.visit_service_pb2")
    visits_grpc = importlib.import_module("onevisit.v1.visit_service_pb2_grpc")

    auth = [("authorization", f"Bearer {key}")]
    channel = grpc.insecure_channel(host)
    client = registry_grpc.RegistryServiceStub(channel)

    def item_list(basis):
        return item.ItemList(
            effective_from="2026-01-01",
            reason="首次公布",
            items=[
                item.CheckItem(
                    code="P1", name="粮食收购检查", basis=basis, body="粮食和物资储备局",
                    content="收购台账", methods=[item.METHOD_ON_SITE],
                    ratio=item.RatioRule(min_basis_points=500), item_class=item.ITEM_CLASS_GENERAL,
                )
            ],
        )

    def put(request_id, basis):
        request = registry.PutItemListRequest(request_id=request_id, item_list=item_list(basis))
        return client.PutItemList(request, metadata=auth)

    first = put("py-items", "《粮食流通管理条例》")
    assert put("py-items", "《粮食流通管理条例》") == first, "a repeated request"
    try:
        put("py-bad", "")
        raise AssertionError("a list without a basis went through")
    except grpc.RpcError as error:
        assert error.code() == grpc.StatusCode.INVALID_ARGUMENT, error
        assert "item_list.items[0].basis" in error.details(), error.details()

    codes = json.loads(sys.stdin.read())

    def rows():
        header = imports.ImportHeader(
            request_id="py-subjects", mode=imports.IMPORT_MODE_ALL_OR_NOTHING, expected_rows=len(codes))
        yield registry.ImportSubjectsRequest(header=header)
        entries = [
            subject.SubjectEntry(
                subject_id=code, name=f"粮店{n}号店", kind=subject.SUBJECT_KIND_ENTERPRISE)
            for n, code in enumerate(codes)
        ]
        yield registry.ImportSubjectsRequest(batch=registry.SubjectBatch(first_row=1, entries=entries))

    summary = client.ImportSubjects(rows(), metadata=auth).summary
    assert summary.inserted == len(codes), summary
    assert client.ImportSubjects(rows(), metadata=auth).summary == summary, "a repeated import"

    request = visits.ListVisitsRequest(campaign_id=campaign, page_size=1000)
    found = visits_grpc.VisitServiceStub(channel).ListVisits(request, metadata=auth).visits
    print(json.dumps({"version": first.version, "subjects": summary.inserted, "visits": len(found)}))


if __name__ == "__main__":
    main()
