"""The command that writes the static site."""

from __future__ import annotations

import click

from collectscript.cli.base import LAW_DATE, load_kb


@click.command("site")
@click.argument("out", type=click.Path())
@click.option("--title", help="Name of the site, such as your company's.")
@click.option("--accent", help="Colour of links and buttons, as #rrggbb.")
@click.option("--serve", is_flag=True, help="Then show it on 127.0.0.1 until interrupted.")
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=8000,
    show_default=True,
    help="Port for --serve; 0 is any free one.",
)
@click.pass_context
def site_command(
    ctx: click.Context, /, *, out: str, title: str | None, accent: str | None, serve: bool, port: int
) -> None:
    """Write the static site into the folder OUT: look up, browse and practise, from any disk."""
    # The templates' engine is imported for this command only.
    from collectscript.site import build_site
    from collectscript.site.build import TITLE
    from collectscript.site.serving import open_server
    from collectscript.site.theme import DEFAULT

    number = build_site(
        load_kb(ctx.obj), out, law_date=LAW_DATE, title=TITLE if title is None else title, accent=accent or DEFAULT
    )
    click.echo(f"{number} files in {out}; open {out}/index.html")
    if serve:
        with open_server(out, port) as server:
            click.echo(f"http://127.0.0.1:{server.server_port}/ (Ctrl+C ends it)")
            server.serve_forever()
