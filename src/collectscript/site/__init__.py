"""The static site: look up, browse and practise in a browser, from any disk, without a server."""

from collectscript.site.build import build_site, site_files
from collectscript.site.writing import SiteError

__all__ = ["SiteError", "build_site", "site_files"]
