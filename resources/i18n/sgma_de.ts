<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="de" sourcelanguage="en">
 <context>
  <name>SGMA</name>
  <message>
   <source> m</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source> m²</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source> px</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>&amp;Area</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>&amp;Batch</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>&amp;Check</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>&amp;Copy as command</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>&amp;Device</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>&amp;Folder</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>&amp;Guess again</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>&amp;Install</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>&amp;Log</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>&amp;Model</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>&amp;Move…</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>&amp;Opacity of the map</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>&amp;Open</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>&amp;Peek below</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>&amp;Precision</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>&amp;Preview</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>&amp;Python</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>&amp;Selected features only</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>&amp;Show</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>&amp;Stop</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>&amp;Threads</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>&amp;Tile</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>&amp;Trust</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>&amp;Wheels</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>&amp;Why here?</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>(all {count}: {miou:.2f})</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>16 bit (bf16)</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>32 bit</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>A multiple of 32; empty: the model's.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>A picture has lost the values of the sensor; results may suffer.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>A run with the same inputs and output goes on where the last one stopped.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>A smaller build for processors alone is known for Python {versions}; this one computes on both.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>A&amp;dd model…</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>A&amp;vailability</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Action</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Add model</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Add one with the button Add model.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Add r&amp;un</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Add the results of this run to the map</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Advanced</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>All that the layers cover</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>An environment that you made yourself: its Python, 3.11 or later, with torch, rasterio and the rest</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>An unfinished run is there: Resume continues it at its last finished block.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Apple GPU, or processor</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Area</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Area (polygons)</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Area and resolution</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Area mapped (square metres)</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Areas</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Areas, warnings, inputs and settings of the run</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>As in rgb=0,dsm=-9999; empty: what the files say.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>As in rgb=dn16,dsm=ndsm; empty: guessed, and told in the log.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>At {x:.1f}, {y:.1f}:</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Attribution</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Band numbers in the order</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Band of the layer that holds {name}</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Band {band} is described as height.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Band {band} is described as near infrared.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Bands</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Bands of {sensor}</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>By the bands' own names or colours, else the first ones</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>C&amp;onfidence</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Cancelled.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Card (JSON)</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Check layers</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Check sensor layers</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Checking</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Choose a smaller area, or a coarser resolution.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Choose a smaller area.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Choose another under Outputs.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Choose one under Area.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Class</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Classes</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Classes of the map, with their colours</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Classes, sensors, units, resolution, measured accuracy, licence</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Classes:</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Click corners on the map; right click ends, Backspace takes one back</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Click for the settings.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Click on the map.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Command that repeats it</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Compare &amp;view</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Comparing</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Compute what the map shows, in seconds, as the whole run would map it</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Computed on</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Computes &amp;on</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Computes on</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Computing</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Confidence</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Continue an interrupted run</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Continue the run that was stopped, at its last finished block</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Copy as command</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Copy the qgis_process command that repeats the run</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Copying: {done} of {total} MB</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Corners nearer than this are left out</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Covers</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Data</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Data folder</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Details</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Device</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Difference without {sensor}</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Done</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Downloads about {size}.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Drag a rectangle on the map</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Draw a rectangle or a polygon on the map.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Draw the area to map</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Drawn area</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Drawn on the map</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Empty: all stay.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Empty: all.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Empty: outlines of pixels.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Empty: results are temporary, and gone when QGIS is closed</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Empty: that of the finest layer, or its UTM zone when that is not in metres.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Empty: that of the finest layer, within what the model was made for.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Empty: what fits the device.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Empty: what the engine finds enough.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Engine</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Engine installed</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Engine not installed: click to set it up</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Engine ready · {device}</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Engine: state and installation</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Everything needed to repeat it: {file}</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Expected accuracy with {sensors}: mIoU {miou:.2f}</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Expected accuracy with {sensors}: not measured.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Expected accuracy: pick a layer.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Extent</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Extent of a layer</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Fetching {detail}</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>File</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Files</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Fill the rows again from band count, names, data type and values</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Finest layer's</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Finest layer's: within the range that the model was made for</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Finest layer's: within the {least:g} to {most:g} m that the model was made for</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Finished</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Fo&amp;llow the map</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Fo&amp;rget</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Folder for the results</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Folder of wheels</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>For install without a network: every wheel that the lock names. Empty: from the index.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>For install. auto: the processor, with the GPU where it needs no more.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>For install: a program python, 3.11 to 3.14. Empty: the best one found.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Given, but without data in the area</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Grid</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Ground metres a pixel</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Guess</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>HTML files (*.html)</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Hectares</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>How much each sensor counted at each pixel, in percent</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>How much each sensor counted:</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>How much of a tile is blended with its neighbours</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>How strongly the map covers the picture</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>How sure the model is, in percent</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Id</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Id of an installed model, or path of a model folder or .sgma file. Installed:</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Inde&amp;x of torch</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Inspect</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Install the engine</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Install the engine first: click the line at the top.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Installed models</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>It answers. Devices: {devices}</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>It has one band of numbers that may be heights.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>It has two bands of negative numbers, as decibels are.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>It has {count} bands without a name.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>It is the fourth band of a picture.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>It was made for another version of the plugin: install it again.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Its bands are coloured red, green and blue.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Its bands are described as VV and VH.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Its bands are described as red, green and blue.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Its name says heights.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Its name says infrared, red, green.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Its name says near infrared.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Its name says radar.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Land cover</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Land cover from sensor layers</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Land cover polygons</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Layer with {sensor}; leave it empty if you have none. One file may fill several rows.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Layers</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Layers by sensor</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Leave empty if you have none.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Leaves out corners of less than this squared; neighbours keep their border in common.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Licence</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Look for Python</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Look for the engine</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Look whether this Python has everything</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Looking at the layers…</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Looking at this place</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Looking for Python</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Looking for the engine…</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Looking…</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Made by SGMA for QGIS with the model {title} ({id}, SHA-256 {sha}).</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Made by an older version: it cannot be run again from here.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Making an environment from {detail}</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Making polygons</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Map</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Map land cover from whatever sensor layers there are</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Map only the polygons that are selected when the run starts</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Map the whole area</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Map what the map shows with and without this sensor, and show where they differ</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Map {name}</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Map: {width} x {height} pixels of {resolution:g} m, {crs}.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Mapping the view with all sensors</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Mapping the view without {sensor}</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Maps land cover from any of RGB, near infrared, height model and radar. Layers may differ in resolution, extent, data type and CRS; give those you have. Where none of them has data, the map has none.

Beside the map it can write how sure the model is (0-100), which sensors were there at each pixel, how much each of them counted, and the map as polygons. NAME.run.json beside the map keeps what is needed to repeat the run.

A run that was cancelled or interrupted continues where it stopped when started again with the same parameters, unless its result is temporary. An area that is no file of its own (selected or filtered polygons, say) is kept as NAME.area.gpkg beside the map. Rasters are GeoTIFF (.tif), polygons GeoPackage (.gpkg).</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Mean intersection over union (mIoU) that the model reached on data it was not trained on, for just this combination of sensors. Your area may differ.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Measure the data folder</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Measured accuracy</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Measured on: {data} ({split})</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Missing: {path}</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Model</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Model &amp;card</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Model (id or path)</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Model card: {id}</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Model information</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Model was trained on this combination</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Model's</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Model's: {metres:g} m</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Models</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Move models, caches and engine elsewhere, or use a folder that has some already</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Move the data folder</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>NAME.tif, NAME_confidence.tif and so on</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>NVIDIA GPU (CUDA), or processor</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Name</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Name another Python</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Name the folder in the field above it.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Network</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>No area is drawn.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>No layer can be used in this area: see the marks above.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>No layer is chosen as the area.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>No layer is picked.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>No layer was given: give at least one of {slots}.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>No longer mapped: {area}</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>No model is installed.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>No model is installed: add one.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>No polygon layer is chosen as the area.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>No run has finished yet. Its areas appear here.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>No runs yet. Runs whose results are kept in a folder appear here.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>No-data values</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>None.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Notes</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Nothing is downloaded before you press the button.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>O&amp;verlap</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Only pixels inside these polygons are mapped; tiles outside are not computed.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Only what lies in its polygons is mapped</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Open &amp;folder</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Open &amp;report</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Open report</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Open the folder of the results</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Other…</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Output CRS</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Outputs</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Own Python</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>P&amp;recision</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Page</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Part to map; empty: everything that the layers cover.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Percent</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Pick at least one in Layers.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Pick at least one layer.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Pixels</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Pixels of a tile's side; smaller takes less memory</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Pol&amp;ygon</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Pol&amp;ygons</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Polygons</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Polygons of a layer</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Precision</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Preparing</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Preview</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Preview again whenever the map is moved or zoomed</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Previewing…</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Processor</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Processor cores used</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Processor threads</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Processor threads a run may use</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Python</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Python of the engine</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Python to start from</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Python {version} ({path}), build {build}: downloads about {download}, takes {disk} on disk.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Queue this run behind the one that goes on</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>R&amp;esolution</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>R&amp;un</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Read past runs</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Rectan&amp;gle</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Render {layer}</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Report</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Report: {name}</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Res&amp;ume</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Resolution</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Resolution (ground metres)</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Resolution in metres</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Resolution:</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Result</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Resume continues it where it stopped.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Run</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Run &amp;again</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Run: {parts}</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Runs that wait: {count}</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>S&amp;implify by</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>S&amp;mallest area</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>SGMA land cover</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>SGMA: {model} – {name}</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Save it as a GeoTIFF (Export &gt; Save As), or leave the row empty.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Segmentation</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Segmenting</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Sensor</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Sensor layers</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Sensors</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Sensors available</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Sensors:</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Set up</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Share of the map covered by {sensor} (percent)</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Show the files</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Show the folder</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Show what pip says</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Shows the card of a model: its classes, the sensors it takes, the resolutions it was made for, and its measured accuracy for each combination of sensors. Without a model it lists those that are installed.

The card is also returned as JSON text in the output CARD.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Shows whether the engine that computes is installed, and on which device it runs.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Simplify polygons (metres)</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Smaller ones take the class of their longest border; the raster stays as it is.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Smaller polygons go into a neighbour</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Smallest polygon (square metres)</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Split</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>St&amp;op</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Starting</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Starting the new runtime</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Starting the worker</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>State (JSON)</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Stop; what is done is kept, and Run continues there</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Stopping</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Stopping: the blocks in work are finished and kept…</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>T&amp;hreads</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Take this run off the list; its files stay</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Takes about {size} in {folder}, where {free} are free.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Tells what a land cover run with these layers would read, without running it: the grid of the map, how much of it each layer covers, which bands and units are taken, and what may harm the result. Parameters are those of 'Land cover from sensor layers'.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>The area cannot be shown in {crs}.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>The area is empty.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>The command is in the clipboard.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>The engine gets an environment of its own that is made from this Python, 3.11–3.14</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>The engine that computes, a Python with torch and other libraries, is not part of QGIS.

status tells whether it is there and complete. verify starts it, and tells versions and devices; it fails when the engine does not work. install makes it in the data folder from the Python given or found (3.11 to 3.14): libraries are downloaded in locked versions, each checked by its checksum, or taken from a folder of wheels. An engine that is there stays until the new one has answered.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>The environment variable SGMA_DATA_DIR names it; so it cannot be moved here.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>The folder {folder} does not exist.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>The land cover map, always written</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>The map as polygons with areas and mean confidence</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>The map is hidden while this button is held down</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>The map is not there any more.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>The model that maps: it decides the classes and the sensors that can be used.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>The model {name} is not installed.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>The name {name} holds a folder.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>The picture of {layer} would have {width} x {height} pixels.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>The rectangle around this layer is mapped</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>The runtime is installed.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>The same layers, model, area and options once more</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>The sensor to leave out</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Then click on the map: the tiles there are computed again, as in the run</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>This needs two sensors or more.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Tile overlap (percent)</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Tile size (pixels)</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Tiles</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Tiles at a time</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Tiles computed at a time; halved when memory does not suffice</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Tiles computed in this run</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Tiles outside the area are not computed.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Tiles: {total}, of which {run} computed now and {resumed} taken from an earlier run; {device}.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Title</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Trust in {sensor}</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Trust per sensor</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Type</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Unit</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Unit: {unit}.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Units</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Units it may have:</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Unpacking</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Use a model from a .sgma file; it stays where it is</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Utilities</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Waiting for the job that is running.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Waiting for the jobs that are running</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Waiting: 1 job before this one</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Waiting: {count} jobs before this one</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Warnings</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>What i&amp;f without</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>What the map shows</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>What the network computes on</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>What the values are. Automatic is a guess from type, name and values: look at it.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Where the processor build of torch comes from; its checksum is the same wherever it lies</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Where there is no network: a folder with every wheel that the lock names</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Whether the engine is there and complete</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Which band is which: {bands}</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Which sensors had data at each pixel</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Why here?</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Without {sensor}, {percent:.1f} % of the view gets another class.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Writing</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Zoom to your layers, or choose another area.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>about {time}</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>all</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>all nodata</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>as guessed</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>as in</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>as traced</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>auto</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>auto: a GPU if there is one, else the processor; cuda:1 is the second of several GPUs.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>auto: bf16 where the device is made for it.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>automatic</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>bf16 is faster where the processor computes in it</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>caches</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>cannot be read</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>cannot be used</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>check,inputs,grid,coverage,units,bands,nodata,sensors</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>cuda:1 is the second graphics card</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>differs</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>empty</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>empty: by the bands' own names, else the first ones.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>engine</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>engine,runtime,install,torch,environment,python</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>from the network</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>landcover</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>looking…</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>missing</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>model,card,classes,accuracy,sensors,installed</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>models</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>no</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>no data here</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>no file: its 8-bit picture is taken when a preview or run starts</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>no overlap</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>no sensor has data here.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>none</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>not given</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>nothing drawn</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>offset {pixels:.1f} px to {sensor}</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>other</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>partial {percent:.0f} %</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>present</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>semantic segmentation,land cover,deep learning,classification,orthophoto,infrared,DSM,SAR,multimodal</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>status and verify change nothing; install downloads some 100 MB.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>temporary</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>the one installed below</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>used</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>used, with a doubt: {text}</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>yes</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>{area:,.2f} ha, {percent:.1f} %</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>{count:.1f} GB</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>{count} MB</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>{count} tiles</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>{count} tiles could not be computed: they are gaps.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>{count} tiles could not be computed; they are gaps in the map.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>{done} of {total} tiles</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>{duration} left</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>{first} → {second}: {area}</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>{name} changes polygons only: leave it empty or name a file for {polygons}.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>{name} is done.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>{name} must be a {what} file ending in {suffix}, not {path}.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>{name}, begun in another project, is done: {path}</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>{name}, {percent:.0f} % sure</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>{percent:.0f} %</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>{percent:.1f} %</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>{rate:.1f} tiles/min</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>{rate:.1f} tiles/s</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>{run} of {total} tiles</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>{run} tiles computed, {resumed} taken from an earlier run; {device}.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>{sensor} bands</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>{sensor} layer</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>{sensor} values: {numbers}</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>{sensor}: layer {layer} has no file, only its picture can be used, and only as RGB.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>{size} in all: {parts}</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>{size} of disk</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>{size} of memory</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>{title} (in work)</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>{title}: stopped.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>{total}: {run} computed, {resumed} from an earlier run, {failed} failed</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>{unit} (guessed)</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>{value:,.1f} ha</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>{value:.0f} MB</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>{value:.1f} GB</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>{value} ha</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>{width} x {height} pixels; {tiles} tiles, {failed} of them gaps; {backend} on {device}.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>{width} × {height} px of {resolution:g} m, {crs}</source>
   <translation type="unfinished" />
  </message>
 </context>
</TS>
