"""A worker of the storm: one process, ended with its parent."""

import os
import sys

from workers.run import Worker

if __name__ == "__main__":
    Worker(os.environ["FRIST_REDIS_URL"], ["default"], parent=int(sys.argv[1])).work(logging_level="WARNING")
