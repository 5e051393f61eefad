"""What an application asks of a stack, and what it is told: values and nothing else."""
