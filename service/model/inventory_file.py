from service.model.inventory_csv import parse_csv
from service.model.inventory_json import parse_json
from service.model.inventory_rows import BadRow, CameraRow, InventoryFile, InventoryFileError, ServerRow

__all__ = [
    "BadRow",
    "CameraRow",
    "InventoryFile",
    "InventoryFileError",
    "ServerRow",
    "parse_csv",
    "parse_json",
]
