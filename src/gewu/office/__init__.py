"""The registers of an office: leaders' instructions, follow-up orders, official letters, shift handover."""
