"""Layers of labels and areas for tests of the wizard's first pages; they lie on the rasters of `make_raster`."""

from qgis.core import QgsFeature, QgsGeometry, QgsProject, QgsRasterLayer, QgsVectorLayer

WEST, SOUTH = 500000, 4599960  # of a raster of 60 x 40 m


def box(x, y, width=4, height=4):
    """Return a rectangle as WKT; x and y in metres from the south-west corner."""
    west, south = WEST + x, SOUTH + y
    east, north = west + width, south + height
    return f"POLYGON(({west} {south},{east} {south},{east} {north},{west} {north},{west} {south}))"


def point(x, y):
    return f"POINT({WEST + x} {SOUTH + y})"


def labels(rows, name="labels", kind="Polygon", crs="EPSG:32616", field="class:string(40)"):
    """Return a layer in memory, in the project; rows: (WKT or None, value)."""
    layer = QgsVectorLayer(f"{kind}?crs={crs}&field={field}", name, "memory")
    features = []
    for wkt, value in rows:
        feature = QgsFeature(layer.fields())
        if wkt:
            feature.setGeometry(QgsGeometry.fromWkt(wkt))
        feature.setAttribute(0, value)
        features.append(feature)
    assert layer.dataProvider().addFeatures(features)[0]
    layer.updateExtents()
    QgsProject.instance().addMapLayer(layer)
    return layer


def enough(names=("oak", "road")):
    """Return rows of six objects of each class, apart from each other."""
    return [(box(2 + 9 * i, 5 + 15 * j), name) for j, name in enumerate(names) for i in range(6)]


def areas(rows, crs="EPSG:32616"):
    """Return a layer of areas; rows: (WKT, role)."""
    return labels(rows, "areas", crs=crs, field="role:string(20)")


def raster(path, name="raster"):
    layer = QgsRasterLayer(str(path), name)
    assert layer.isValid()
    QgsProject.instance().addMapLayer(layer)
    return layer


def texts(page):
    """Return what a page says, as one text."""
    return "\n".join(badge.text for badge in page.notes.value())
