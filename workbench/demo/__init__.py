"""`workbench demo`: real trainings in a folder of their own, to see what the workbench does."""
