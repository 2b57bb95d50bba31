"""PostgreSQL and Redis that need no set-up: the real servers, out of wheels, shared by all processes of one home.

    postgres = start_postgres(home)         # starts it, or joins the one another process started
    connect(postgres.dsn("app", "frist"))
    postgres.ensure()                       # brings it back if somebody killed it
    postgres.release()                      # the last living holder stops it; at exit this happens by itself

`lease` counts the holders, `server` starts, finds and stops, `account` is about running as root,
`postgres` and `redis` say what differs between the two.
"""

from saas.kernel.embedded.errors import EmbeddedServerError
from saas.kernel.embedded.postgres import PostgresServer, start_postgres
from saas.kernel.embedded.redis import RedisServer, start_redis

__all__ = ["EmbeddedServerError", "PostgresServer", "RedisServer", "start_postgres", "start_redis"]
