"""Shipments: sent, received, and what did not fit settled."""

from spareparts.domain.shipments.discrepancies import open_discrepancy, outcomes_of, settle_discrepancy
from spareparts.domain.shipments.receiving import Arrived, receive_shipment
from spareparts.domain.shipments.sending import approve_shipment, cancel_shipment, create_shipments, track_shipment

__all__ = [
    "Arrived",
    "approve_shipment",
    "cancel_shipment",
    "create_shipments",
    "open_discrepancy",
    "outcomes_of",
    "receive_shipment",
    "settle_discrepancy",
    "track_shipment",
]
