"""How Alembic runs: on the engine it is given, in one transaction, on either database."""

from alembic import context

with context.config.attributes["engine"].connect() as connection:
    context.configure(
        connection=connection,
        target_metadata=context.config.attributes["metadata"],
        render_as_batch=True,  # SQLite changes a table by copying it
        compare_type=True,
    )
    with context.begin_transaction():
        context.run_migrations()
    connection.commit()
