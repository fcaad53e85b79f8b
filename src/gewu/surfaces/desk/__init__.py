"""The desk: queues, cases, intake and notices for everybody who works on cases, as pages."""
