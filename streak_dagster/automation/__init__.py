"""What runs, and when: the jobs, the schedule, the sensor, and who is told of a failed run."""
