"""What becomes of each worker: its life histories, who joins it elsewhere, and the verdict on each start()."""
