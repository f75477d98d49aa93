"""What QGIS knows about the network, for programs that are not QGIS: its proxy and the certificates it trusts."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import quote

from qgis.core import QgsApplication, QgsNetworkAccessManager
from qgis.PyQt.QtCore import QUrl
from qgis.PyQt.QtNetwork import QNetworkProxy, QNetworkProxyFactory, QNetworkProxyQuery

from .installation import TORCH_INDEX, Network
from .model.contract.store import data_dir

_SCHEMES = {
    QNetworkProxy.ProxyType.HttpProxy: "http",
    QNetworkProxy.ProxyType.HttpCachingProxy: "http",
    QNetworkProxy.ProxyType.Socks5Proxy: "socks5h",
}


def network() -> Network:
    """Return QGIS's proxy and a file of the certificates that it trusts. Main thread."""
    manager = QgsNetworkAccessManager.instance()
    proxy = manager.fallbackProxy()
    if manager.useSystemProxy() or proxy.type() == QNetworkProxy.ProxyType.DefaultProxy:
        # may depend on the address asked for
        found = QNetworkProxyFactory.systemProxyForQuery(QNetworkProxyQuery(QUrl(TORCH_INDEX)))
        proxy = found[0] if found else proxy
    without = ",".join([*manager.excludeList(), *manager.noProxyList()])
    return Network(proxy_url(proxy), without, _certificates())


def proxy_url(proxy: QNetworkProxy) -> str:
    """Return 'http://user:password@host:port' for a proxy, '' for none."""
    scheme = _SCHEMES.get(proxy.type())
    if scheme is None or not proxy.hostName():
        return ""
    user = ""
    if proxy.user():
        user = f"{quote(proxy.user(), safe='')}:{quote(proxy.password(), safe='')}@"
    port = f":{proxy.port()}" if proxy.port() else ""
    return f"{scheme}://{user}{proxy.hostName()}{port}"


def _certificates() -> str:
    """Return a file with what QGIS trusts: the system's certificates and those the user added. '' if QGIS has none."""
    pem = bytes(QgsApplication.authManager().trustedCaCertsPemText())
    if not pem.strip():
        return ""
    path: Path = data_dir().absolute() / "cache" / "certificates.pem"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(pem)
    return str(path)
