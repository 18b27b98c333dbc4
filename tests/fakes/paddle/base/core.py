# ruff: noqa: A001
def globals():
    return {"FLAGS_enable_pir_api": True, "FLAGS_use_mkldnn": False}
