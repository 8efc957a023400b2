"""Money without a payment service: a QR for the bank's app, a slip, a statement read back.

Values in, values out; no models, no request.
"""
