<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="de" sourcelanguage="en">
 <context>
  <name>SGMA</name>
  <message>
   <source> m</source>
   <translation> m</translation>
  </message>
  <message>
   <source> m²</source>
   <translation> m²</translation>
  </message>
  <message>
   <source> px</source>
   <translation> px</translation>
  </message>
  <message>
   <source>&amp;Add to my models</source>
   <translation>Zu &amp;meinen Modellen</translation>
  </message>
  <message>
   <source>&amp;Area</source>
   <translation>&amp;Gebiet</translation>
  </message>
  <message>
   <source>&amp;Areas</source>
   <translation>&amp;Gebiete</translation>
  </message>
  <message>
   <source>&amp;Break off</source>
   <translation>Ab&amp;brechen</translation>
  </message>
  <message>
   <source>&amp;Check</source>
   <translation>&amp;Prüfen</translation>
  </message>
  <message>
   <source>&amp;Device</source>
   <translation>&amp;Gerät</translation>
  </message>
  <message>
   <source>&amp;Epochs</source>
   <translation>&amp;Epochen</translation>
  </message>
  <message>
   <source>&amp;Export as a file…</source>
   <translation>Als &amp;Datei exportieren …</translation>
  </message>
  <message>
   <source>&amp;File</source>
   <translation>&amp;Datei</translation>
  </message>
  <message>
   <source>&amp;Folder</source>
   <translation>&amp;Ordner</translation>
  </message>
  <message>
   <source>&amp;Follow the map</source>
   <translation>Der &amp;Karte folgen</translation>
  </message>
  <message>
   <source>&amp;Go on</source>
   <translation>Fort&amp;setzen</translation>
  </message>
  <message>
   <source>&amp;Go on from epoch {epoch}</source>
   <translation>Ab Epoche {epoch} &amp;fortsetzen</translation>
  </message>
  <message>
   <source>&amp;Guess again</source>
   <translation>Neu &amp;zuordnen</translation>
  </message>
  <message>
   <source>&amp;Id</source>
   <translation>&amp;Kennung</translation>
  </message>
  <message>
   <source>&amp;Install</source>
   <translation>&amp;Installieren</translation>
  </message>
  <message>
   <source>&amp;Labels</source>
   <translation>&amp;Labels</translation>
  </message>
  <message>
   <source>&amp;Licence</source>
   <translation>&amp;Lizenz</translation>
  </message>
  <message>
   <source>&amp;Log</source>
   <translation>&amp;Protokoll</translation>
  </message>
  <message>
   <source>&amp;Look again</source>
   <translation>Noch einmal an&amp;sehen</translation>
  </message>
  <message>
   <source>&amp;Measure again</source>
   <translation>Neu &amp;messen</translation>
  </message>
  <message>
   <source>&amp;Move…</source>
   <translation>&amp;Verschieben …</translation>
  </message>
  <message>
   <source>&amp;Open</source>
   <translation>Ö&amp;ffnen</translation>
  </message>
  <message>
   <source>&amp;Pause</source>
   <translation>&amp;Pause</translation>
  </message>
  <message>
   <source>&amp;Percent of the row</source>
   <translation>&amp;Prozent der Zeile</translation>
  </message>
  <message>
   <source>&amp;Propose</source>
   <translation>&amp;Vorschlagen</translation>
  </message>
  <message>
   <source>&amp;Python</source>
   <translation>&amp;Python</translation>
  </message>
  <message>
   <source>&amp;Run on the canvas now</source>
   <translation>&amp;Ausschnitt jetzt kartieren</translation>
  </message>
  <message>
   <source>&amp;Seed</source>
   <translation>&amp;Startwert</translation>
  </message>
  <message>
   <source>&amp;Show</source>
   <translation>Ze&amp;igen</translation>
  </message>
  <message>
   <source>&amp;Stop</source>
   <translation>&amp;Anhalten</translation>
  </message>
  <message>
   <source>&amp;Stop and keep the best</source>
   <translation>An&amp;halten, bestes behalten</translation>
  </message>
  <message>
   <source>&amp;Threads</source>
   <translation>&amp;Threads</translation>
  </message>
  <message>
   <source>&amp;Title</source>
   <translation>&amp;Titel</translation>
  </message>
  <message>
   <source>&amp;Train again</source>
   <translation>&amp;Noch einmal trainieren</translation>
  </message>
  <message>
   <source>&amp;Try it out</source>
   <translation>&amp;Probelauf</translation>
  </message>
  <message>
   <source>&amp;Unlabelled ground</source>
   <translation>Un&amp;gelabelte Fläche</translation>
  </message>
  <message>
   <source>&amp;Wheels</source>
   <translation>&amp;Wheels</translation>
  </message>
  <message>
   <source>({low:.3f} to {high:.3f} in 95 of 100 cases)</source>
   <translation>(in 95 von 100 Fällen {low:.3f} bis {high:.3f})</translation>
  </message>
  <message>
   <source>1 epoch</source>
   <translation>1 Epoche</translation>
  </message>
  <message>
   <source>1 object</source>
   <translation>1 Objekt</translation>
  </message>
  <message>
   <source>1 object is kept in layer {layer}.</source>
   <translation>1 Objekt ist im Layer {layer} aufgehoben.</translation>
  </message>
  <message>
   <source>1 object is selected: Enter keeps it, Esc gives up.</source>
   <translation>1 Objekt ist gewählt: Eingabe hebt es auf, Esc verwirft.</translation>
  </message>
  <message>
   <source>1 tile</source>
   <translation>1 Kachel</translation>
  </message>
  <message>
   <source>1 tile could not be computed: it is a gap.</source>
   <translation>1 Kachel konnte nicht berechnet werden: sie ist eine Lücke.</translation>
  </message>
  <message>
   <source>1 warning</source>
   <translation>1 Warnung</translation>
  </message>
  <message>
   <source>16 bit (bf16)</source>
   <translation>16 Bit (bf16)</translation>
  </message>
  <message>
   <source>16-bit numbers</source>
   <translation>16-Bit-Zahlen</translation>
  </message>
  <message>
   <source>32 bit</source>
   <translation>32 Bit</translation>
  </message>
  <message>
   <source>8-bit numbers</source>
   <translation>8-Bit-Zahlen</translation>
  </message>
  <message>
   <source>&gt; {percent} %</source>
   <translation>&gt; {percent} %</translation>
  </message>
  <message>
   <source>A chip: what a sensor sees, and its labels.</source>
   <translation>Ein Ausschnitt: was ein Sensor sieht, und seine Labels.</translation>
  </message>
  <message>
   <source>A class of the model, a new one, or nothing: such places are left out</source>
   <translation>Eine Klasse des Modells, eine neue, oder nichts: solche Stellen werden weggelassen</translation>
  </message>
  <message>
   <source>A file or a text, as in</source>
   <translation>Eine Datei oder ein Text, wie in</translation>
  </message>
  <message>
   <source>A little everywhere</source>
   <translation>Überall ein wenig</translation>
  </message>
  <message>
   <source>A map in work: finished parts appear over the orthophoto.</source>
   <translation>Eine Karte in Arbeit: fertige Teile erscheinen über dem Orthofoto.</translation>
  </message>
  <message>
   <source>A model is being made already.</source>
   <translation>Ein Modell wird schon erstellt.</translation>
  </message>
  <message>
   <source>A model needs a name of letters or digits.</source>
   <translation>Ein Modell braucht einen Namen aus Buchstaben oder Ziffern.</translation>
  </message>
  <message>
   <source>A model that comes with the plugin has this id: choose another.</source>
   <translation>Ein mitgeliefertes Modell hat diese Kennung: eine andere wählen.</translation>
  </message>
  <message>
   <source>A multiple of 32; empty: the model's.</source>
   <translation>Ein Vielfaches von 32; leer: die des Modells.</translation>
  </message>
  <message>
   <source>A new GeoPackage with the model's classes, ready to draw into</source>
   <translation>Ein neues GeoPackage mit den Klassen des Modells, bereit zum Zeichnen</translation>
  </message>
  <message>
   <source>A new class has no name.</source>
   <translation>Eine neue Klasse hat keinen Namen.</translation>
  </message>
  <message>
   <source>A picture has lost the values of the sensor; results may suffer.</source>
   <translation>Ein Bild hat die Werte des Sensors verloren; das Ergebnis kann darunter leiden.</translation>
  </message>
  <message>
   <source>A polygon of {layer} has no role.</source>
   <translation>Ein Polygon von {layer} hat keine Rolle.</translation>
  </message>
  <message>
   <source>A run with the same inputs and output goes on where the last one stopped.</source>
   <translation>Ein Lauf mit denselben Eingaben und derselben Ausgabe geht dort weiter, wo der letzte aufgehört hat.</translation>
  </message>
  <message>
   <source>A smaller build for processors alone is known for Python {versions}; this one computes on both.</source>
   <translation>Eine kleinere Fassung nur für Prozessoren ist für Python {versions} bekannt; diese rechnet auf beiden.</translation>
  </message>
  <message>
   <source>A training ended before its first epoch was whole: nothing of it is kept, it begins anew.</source>
   <translation>Ein Training endete vor dem Ende seiner ersten Epoche: nichts davon ist aufgehoben, es beginnt von vorn.</translation>
  </message>
  <message>
   <source>A training was interrupted after epoch {done} of {of}. It can go on from there.</source>
   <translation>Ein Training wurde nach Epoche {done} von {of} unterbrochen. Es kann dort weitergehen.</translation>
  </message>
  <message>
   <source>A training was interrupted after epoch {done} of {of}. It could not go on: see below.</source>
   <translation>Ein Training wurde nach Epoche {done} von {of} unterbrochen. Es konnte nicht weitergehen: siehe unten.</translation>
  </message>
  <message>
   <source>A trial can be made once the training that is running has ended.</source>
   <translation>Ein Probelauf geht erst, wenn das laufende Training zu Ende ist.</translation>
  </message>
  <message>
   <source>Accuracy</source>
   <translation>Genauigkeit</translation>
  </message>
  <message>
   <source>Accuracy by sensors and class</source>
   <translation>Genauigkeit nach Sensoren und Klasse</translation>
  </message>
  <message>
   <source>Accuracy of a model</source>
   <translation>Genauigkeit eines Modells</translation>
  </message>
  <message>
   <source>Accuracy with {sensors}: {scores}, measured on {data}.</source>
   <translation>Genauigkeit mit {sensors}: {scores}, gemessen an: {data}.</translation>
  </message>
  <message>
   <source>Action</source>
   <translation>Aktion</translation>
  </message>
  <message>
   <source>Adapted model</source>
   <translation>Angepasstes Modell</translation>
  </message>
  <message>
   <source>Add</source>
   <translation>Neu</translation>
  </message>
  <message>
   <source>Add a class first: what you paint must have a name.</source>
   <translation>Zuerst eine Klasse hinzufügen: was gemalt wird, braucht einen Namen.</translation>
  </message>
  <message>
   <source>Add a class of this name</source>
   <translation>Eine Klasse dieses Namens hinzufügen</translation>
  </message>
  <message>
   <source>Add a layer of labels first.</source>
   <translation>Zuerst einen Layer mit Labels hinzufügen.</translation>
  </message>
  <message>
   <source>Add model</source>
   <translation>Modell hinzufügen</translation>
  </message>
  <message>
   <source>Add model…</source>
   <translation>Hinzufügen …</translation>
  </message>
  <message>
   <source>Add one with the button Add model.</source>
   <translation>Eines mit dem Knopf „Hinzufügen“ dazunehmen.</translation>
  </message>
  <message>
   <source>Add r&amp;un</source>
   <translation>Lauf anre&amp;ihen</translation>
  </message>
  <message>
   <source>Add the layers of this result to the project</source>
   <translation>Die Layer dieses Ergebnisses in das Projekt laden</translation>
  </message>
  <message>
   <source>Add the results of this run to the map</source>
   <translation>Die Ergebnisse dieses Laufs in die Karte laden</translation>
  </message>
  <message>
   <source>Add two classes or more, then take the brush and paint some of each.</source>
   <translation>Zwei Klassen oder mehr hinzufügen, dann den Pinsel nehmen und von jeder etwas malen.</translation>
  </message>
  <message>
   <source>Added again, as the project was not saved with them: {layers}.</source>
   <translation>Wieder hinzugefügt, da das Projekt ohne sie gespeichert war: {layers}.</translation>
  </message>
  <message>
   <source>Advanced</source>
   <translation>Erweitert</translation>
  </message>
  <message>
   <source>After</source>
   <translation>Nachher</translation>
  </message>
  <message>
   <source>All classes are new: the model before the training knows none of them.</source>
   <translation>Alle Klassen sind neu: das Modell vor dem Training kennt keine davon.</translation>
  </message>
  <message>
   <source>All ground with data is labelled, or lies too near to labels.</source>
   <translation>Alle Flächen mit Daten sind gelabelt oder liegen zu nah an Labels.</translation>
  </message>
  <message>
   <source>All labels are of one class, {name}: label something else, too, or choose a labelled area; the rest of it is then a class.</source>
   <translation>Alle Labels sind von einer Klasse, {name}: auch etwas anderes labeln, oder ein gelabeltes Gebiet wählen; der Rest davon ist dann eine Klasse.</translation>
  </message>
  <message>
   <source>All that the layers cover</source>
   <translation>Fläche aller Layer</translation>
  </message>
  <message>
   <source>All values are ignored: say of two of them at least which class they are.</source>
   <translation>Alle Werte werden übergangen: von mindestens zweien sagen, welche Klasse sie sind.</translation>
  </message>
  <message>
   <source>All values are names of the model's classes: they mean these, and all its classes stay.</source>
   <translation>Alle Werte sind Namen von Klassen des Modells: sie bedeuten diese, und alle seine Klassen bleiben.</translation>
  </message>
  <message>
   <source>All {count} classes of the model stay; new ones come after them.</source>
   <translation>Alle {count} Klassen des Modells bleiben; neue kommen nach ihnen.</translation>
  </message>
  <message>
   <source>An environment that you made yourself: its Python, 3.11 or later, with torch, rasterio and the rest</source>
   <translation>Eine selbst angelegte Umgebung: ihr Python, 3.11 oder neuer, mit torch, rasterio und dem Rest</translation>
  </message>
  <message>
   <source>An example appears here after the first epoch.</source>
   <translation>Nach der ersten Epoche erscheint hier ein Beispiel.</translation>
  </message>
  <message>
   <source>An unfinished run is there: Resume continues it after its last finished part.</source>
   <translation>Ein unfertiger Lauf liegt vor: „Fortsetzen“ macht nach seinem letzten fertigen Teil weiter.</translation>
  </message>
  <message>
   <source>Another QGIS has this project open: save it to keep your choices.</source>
   <translation>Dieses Projekt ist auch in einem anderen QGIS offen: Speichern hält Ihre Wahl fest.</translation>
  </message>
  <message>
   <source>Another of your models has this id: choose another, or have it replaced.</source>
   <translation>Ein anderes eigenes Modell hat diese Kennung: eine andere wählen, oder es ersetzen lassen.</translation>
  </message>
  <message>
   <source>Another training goes on: {output}</source>
   <translation>Ein anderes Training läuft: {output}</translation>
  </message>
  <message>
   <source>Apple GPU, or processor</source>
   <translation>Apple-GPU oder Prozessor</translation>
  </message>
  <message>
   <source>Area</source>
   <translation>Fläche</translation>
  </message>
  <message>
   <source>Area (polygons)</source>
   <translation>Gebiet (Polygone)</translation>
  </message>
  <message>
   <source>Area and resolution</source>
   <translation>Gebiet und Auflösung</translation>
  </message>
  <message>
   <source>Area by class</source>
   <translation>Fläche nach Klasse</translation>
  </message>
  <message>
   <source>Area mapped (square metres)</source>
   <translation>Kartierte Fläche (Quadratmeter)</translation>
  </message>
  <message>
   <source>Areas</source>
   <translation>Gebiete</translation>
  </message>
  <message>
   <source>Areas (polygons)</source>
   <translation>Gebiete (Polygone)</translation>
  </message>
  <message>
   <source>Areas, warnings, inputs and settings of the run</source>
   <translation>Flächen, Warnungen, Eingaben und Einstellungen des Laufs</translation>
  </message>
  <message>
   <source>Areas: training, validation, test</source>
   <translation>Gebiete: Training, Validierung, Test</translation>
  </message>
  <message>
   <source>As in rgb=0,dsm=-9999; empty: what the files say.</source>
   <translation>Wie in rgb=0,dsm=-9999; leer: was die Dateien sagen.</translation>
  </message>
  <message>
   <source>As in rgb=dn16,dsm=ndsm; empty: guessed, and told in the log.</source>
   <translation>Wie in rgb=dn16,dsm=ndsm; leer: geraten und im Protokoll genannt.</translation>
  </message>
  <message>
   <source>As the labels that are drawn already: squares that touch them are left out.</source>
   <translation>Etwa die schon gezeichneten Labels: Quadrate, die sie berühren, werden weggelassen.</translation>
  </message>
  <message>
   <source>Asked of the result {name}: {text}</source>
   <translation>Gefragt zum Ergebnis {name}: {text}</translation>
  </message>
  <message>
   <source>Assess</source>
   <translation>Bewerten</translation>
  </message>
  <message>
   <source>Assessment</source>
   <translation>Bewertung</translation>
  </message>
  <message>
   <source>At most so many; the first is the most useful.</source>
   <translation>Höchstens so viele; das erste ist das nützlichste.</translation>
  </message>
  <message>
   <source>At {x:.1f}, {y:.1f} ({crs}):</source>
   <translation>Bei {x:.1f}, {y:.1f} ({crs}):</translation>
  </message>
  <message>
   <source>Attribution</source>
   <translation>Quellenangabe</translation>
  </message>
  <message>
   <source>Band numbers in the order</source>
   <translation>Kanalnummern in der Reihenfolge</translation>
  </message>
  <message>
   <source>Band of the layer that holds {name}</source>
   <translation>Kanal des Layers mit {name}</translation>
  </message>
  <message>
   <source>Band {band} is described as height.</source>
   <translation>Kanal {band} ist als Höhe beschrieben.</translation>
  </message>
  <message>
   <source>Band {band} is described as near infrared.</source>
   <translation>Kanal {band} ist als nahes Infrarot beschrieben.</translation>
  </message>
  <message>
   <source>Bands</source>
   <translation>Kanäle</translation>
  </message>
  <message>
   <source>Bands of {sensor}</source>
   <translation>Kanäle von {sensor}</translation>
  </message>
  <message>
   <source>Batch</source>
   <translation>Stapel</translation>
  </message>
  <message>
   <source>Before</source>
   <translation>Vorher</translation>
  </message>
  <message>
   <source>Before is not comparable: the two models have no class in common.</source>
   <translation>Vorher ist nicht vergleichbar: die beiden Modelle haben keine gemeinsame Klasse.</translation>
  </message>
  <message>
   <source>Before is not comparable: {why}</source>
   <translation>Vorher ist nicht vergleichbar: {why}</translation>
  </message>
  <message>
   <source>Before the training it was {before:.3f}.</source>
   <translation>Vor dem Training waren es {before:.3f}.</translation>
  </message>
  <message>
   <source>Before → after, and the difference.</source>
   <translation>Vorher → nachher, und der Unterschied.</translation>
  </message>
  <message>
   <source>Blocks with room between, each role with its share of every class; you can change them on the map</source>
   <translation>Blöcke mit Abstand, jede Rolle mit ihrem Anteil an jeder Klasse; sie lassen sich auf der Karte ändern</translation>
  </message>
  <message>
   <source>Brush</source>
   <translation>Pinsel</translation>
  </message>
  <message>
   <source>Brush si&amp;ze</source>
   <translation>Pinsel&amp;größe</translation>
  </message>
  <message>
   <source>By name where all values are classes of the model, else all new</source>
   <translation>Nach Namen, wo alle Werte Klassen des Modells sind, sonst alle neu</translation>
  </message>
  <message>
   <source>By the bands' own names or colours, else the first ones</source>
   <translation>Nach den Namen oder Farben der Kanäle, sonst die ersten</translation>
  </message>
  <message>
   <source>C&amp;lasses</source>
   <translation>&amp;Klassen</translation>
  </message>
  <message>
   <source>C&amp;reate a label layer…</source>
   <translation>Labellayer &amp;anlegen …</translation>
  </message>
  <message>
   <source>Calibrating</source>
   <translation>Kalibrierung</translation>
  </message>
  <message>
   <source>Cancelled.</source>
   <translation>Abgebrochen.</translation>
  </message>
  <message>
   <source>Card (JSON)</source>
   <translation>Karte (JSON)</translation>
  </message>
  <message>
   <source>Check layers</source>
   <translation>Layer prüfen</translation>
  </message>
  <message>
   <source>Check sensor layers</source>
   <translation>Sensorlayer prüfen</translation>
  </message>
  <message>
   <source>Check the connection, and that the layer shows something there at this scale.</source>
   <translation>Die Verbindung prüfen, und ob der Layer dort in diesem Maßstab etwas zeigt.</translation>
  </message>
  <message>
   <source>Checking</source>
   <translation>Prüfen</translation>
  </message>
  <message>
   <source>Chips</source>
   <translation>Chips</translation>
  </message>
  <message>
   <source>Choose a folder for the new model, with its whole path.</source>
   <translation>Einen Ordner für das neue Modell wählen, mit ganzem Pfad.</translation>
  </message>
  <message>
   <source>Choose a smaller area, or a coarser resolution.</source>
   <translation>Ein kleineres Gebiet oder eine gröbere Auflösung wählen.</translation>
  </message>
  <message>
   <source>Choose a smaller area.</source>
   <translation>Ein kleineres Gebiet wählen.</translation>
  </message>
  <message>
   <source>Choose an area that the layer covers.</source>
   <translation>Ein Gebiet wählen, das der Layer abdeckt.</translation>
  </message>
  <message>
   <source>Choose another name.</source>
   <translation>Einen anderen Namen wählen.</translation>
  </message>
  <message>
   <source>Choose another on the page Data, or leave the row empty.</source>
   <translation>Auf der Seite „Daten“ einen anderen wählen, oder die Zeile leer lassen.</translation>
  </message>
  <message>
   <source>Choose another place.</source>
   <translation>Einen anderen Ort wählen.</translation>
  </message>
  <message>
   <source>Choose another under Outputs.</source>
   <translation>Unter „Ausgaben“ einen anderen wählen.</translation>
  </message>
  <message>
   <source>Choose it</source>
   <translation>Wählen</translation>
  </message>
  <message>
   <source>Choose one for the project: the field at the bottom right.</source>
   <translation>Eines für das Projekt wählen: im Feld unten rechts.</translation>
  </message>
  <message>
   <source>Choose one on the page {page}.</source>
   <translation>Auf der Seite „{page}“ einen wählen.</translation>
  </message>
  <message>
   <source>Choose one that strokes were kept in: NAME_strokes.gpkg.</source>
   <translation>Eine wählen, in der Striche aufgehoben wurden: NAME_strokes.gpkg.</translation>
  </message>
  <message>
   <source>Choose one there, or add classes by name.</source>
   <translation>Dort eines wählen, oder Klassen mit Namen hinzufügen.</translation>
  </message>
  <message>
   <source>Choose one under Area.</source>
   <translation>Unter „Gebiet“ einen wählen.</translation>
  </message>
  <message>
   <source>Choose the field of {layer} that holds the class.</source>
   <translation>Das Feld von {layer} wählen, das die Klasse enthält.</translation>
  </message>
  <message>
   <source>Choose the layer with your areas, or let them be proposed.</source>
   <translation>Den Layer mit den Gebieten wählen, oder sie vorschlagen lassen.</translation>
  </message>
  <message>
   <source>Choose the layer with your labels, or create one.</source>
   <translation>Den Layer mit den Labels wählen, oder einen anlegen.</translation>
  </message>
  <message>
   <source>Choose the unit '{unit}'</source>
   <translation>Die Einheit „{unit}“ wählen</translation>
  </message>
  <message>
   <source>Choose your labels on the page before.</source>
   <translation>Auf der Seite davor die Labels wählen.</translation>
  </message>
  <message>
   <source>Chooses the model in the dock and maps what the canvas shows</source>
   <translation>Wählt das Modell im Dock und kartiert den Kartenausschnitt</translation>
  </message>
  <message>
   <source>Class</source>
   <translation>Klasse</translation>
  </message>
  <message>
   <source>Class &amp;field</source>
   <translation>Klassen&amp;feld</translation>
  </message>
  <message>
   <source>Class ids: band 1 of the reference, band 2 of the map.</source>
   <translation>Klassennummern: Kanal 1 der Referenz, Kanal 2 der Karte.</translation>
  </message>
  <message>
   <source>Classes</source>
   <translation>Klassen</translation>
  </message>
  <message>
   <source>Classes of a layer</source>
   <translation>Klassen eines Layers</translation>
  </message>
  <message>
   <source>Classes of a layer…</source>
   <translation>Klassen eines Layers …</translation>
  </message>
  <message>
   <source>Classes of the map, with their colours</source>
   <translation>Klassen der Karte mit ihren Farben</translation>
  </message>
  <message>
   <source>Classes of the model</source>
   <translation>Klassen des Modells</translation>
  </message>
  <message>
   <source>Classes to paint</source>
   <translation>Klassen zum Malen</translation>
  </message>
  <message>
   <source>Classes, sensors, units, resolution, measured accuracy, licence</source>
   <translation>Klassen, Sensoren, Einheiten, Auflösung, gemessene Genauigkeit, Lizenz</translation>
  </message>
  <message>
   <source>Classes:</source>
   <translation>Klassen:</translation>
  </message>
  <message>
   <source>Clear strokes</source>
   <translation>Striche löschen</translation>
  </message>
  <message>
   <source>Click a patch of the map, or drag a box around some: Shift adds, Ctrl or Alt takes out, Enter keeps them in a layer, Esc gives up.</source>
   <translation>Einen Fleck der Karte anklicken oder einen Rahmen um einige ziehen: Umschalt fügt hinzu, Strg oder Alt nimmt heraus, Eingabe hebt sie in einem Layer auf, Esc verwirft.</translation>
  </message>
  <message>
   <source>Click corners on the map; right click ends, Backspace takes one back</source>
   <translation>Ecken auf der Karte anklicken; Rechtsklick beendet, Rücktaste nimmt eine zurück</translation>
  </message>
  <message>
   <source>Click corners; right click, double click or Enter ends, Backspace takes one back, Esc gives up.</source>
   <translation>Ecken anklicken; Rechtsklick, Doppelklick oder Eingabe beendet, Rücktaste nimmt eine zurück, Esc verwirft.</translation>
  </message>
  <message>
   <source>Click for the settings.</source>
   <translation>Klicken für die Einstellungen.</translation>
  </message>
  <message>
   <source>Click on the map.</source>
   <translation>Auf die Karte klicken.</translation>
  </message>
  <message>
   <source>Close</source>
   <translation>Schließen</translation>
  </message>
  <message>
   <source>Colour</source>
   <translation>Farbe</translation>
  </message>
  <message>
   <source>Colour of the class</source>
   <translation>Farbe der Klasse</translation>
  </message>
  <message>
   <source>Colour of the class of {value}</source>
   <translation>Farbe der Klasse von {value}</translation>
  </message>
  <message>
   <source>Combinations of sensors</source>
   <translation>Kombinationen von Sensoren</translation>
  </message>
  <message>
   <source>Command</source>
   <translation>Befehl</translation>
  </message>
  <message>
   <source>Command that repeats it</source>
   <translation>Befehl, der ihn wiederholt</translation>
  </message>
  <message>
   <source>Command that trains the same</source>
   <translation>Befehl, der dasselbe trainiert</translation>
  </message>
  <message>
   <source>Comp&amp;are view</source>
   <translation>Ansicht ver&amp;gleichen</translation>
  </message>
  <message>
   <source>Comparing</source>
   <translation>Vergleichen</translation>
  </message>
  <message>
   <source>Compute what the map shows, in seconds, as the whole run would map it</source>
   <translation>Berechnet in Sekunden, was die Karte zeigt, so wie es der ganze Lauf kartieren würde</translation>
  </message>
  <message>
   <source>Computed on</source>
   <translation>Berechnet auf</translation>
  </message>
  <message>
   <source>Computer</source>
   <translation>Rechner</translation>
  </message>
  <message>
   <source>Computes &amp;on</source>
   <translation>&amp;Rechnet auf</translation>
  </message>
  <message>
   <source>Computes on</source>
   <translation>Rechnet auf</translation>
  </message>
  <message>
   <source>Computing</source>
   <translation>Rechnen</translation>
  </message>
  <message>
   <source>Computing features</source>
   <translation>Merkmale werden gerechnet</translation>
  </message>
  <message>
   <source>Confidence</source>
   <translation>Sicherheit</translation>
  </message>
  <message>
   <source>Confidence of the map</source>
   <translation>Sicherheit der Karte</translation>
  </message>
  <message>
   <source>Confusion matrix</source>
   <translation>Konfusionsmatrix</translation>
  </message>
  <message>
   <source>Confusions</source>
   <translation>Verwechslungen</translation>
  </message>
  <message>
   <source>Continue an interrupted run</source>
   <translation>Unterbrochenen Lauf fortsetzen</translation>
  </message>
  <message>
   <source>Continue the run that was stopped, after its last finished part</source>
   <translation>Den angehaltenen Lauf nach seinem letzten fertigen Teil fortsetzen</translation>
  </message>
  <message>
   <source>Cop&amp;y</source>
   <translation>Kop&amp;ieren</translation>
  </message>
  <message>
   <source>Copies the model into the data folder: every project finds it in its list</source>
   <translation>Kopiert das Modell in den Datenordner: jedes Projekt findet es in der Liste</translation>
  </message>
  <message>
   <source>Copy as command</source>
   <translation>Als Befehl kopieren</translation>
  </message>
  <message>
   <source>Copy the co&amp;mmand</source>
   <translation>Befehl &amp;kopieren</translation>
  </message>
  <message>
   <source>Copy the qgis_process command that repeats the run</source>
   <translation>Den Befehl für qgis_process kopieren, der den Lauf wiederholt</translation>
  </message>
  <message>
   <source>Copy the strokes into a layer of labels, to train a model with them</source>
   <translation>Die Striche in einen Layer mit Labels kopieren, um ein Modell damit zu trainieren</translation>
  </message>
  <message>
   <source>Copying: {done} of {total} MB</source>
   <translation>Kopieren: {done} von {total} MB</translation>
  </message>
  <message>
   <source>Corners nearer than this are left out</source>
   <translation>Ecken, die näher liegen, werden weggelassen</translation>
  </message>
  <message>
   <source>Covers</source>
   <translation>Deckt ab</translation>
  </message>
  <message>
   <source>Create a label layer</source>
   <translation>Labellayer anlegen</translation>
  </message>
  <message>
   <source>Crops in a step</source>
   <translation>Ausschnitte je Schritt</translation>
  </message>
  <message>
   <source>Cuts layers and labels into chips of one size: for each a GeoTIFF of every sensor that has data there and one of the labels, all on the same pixels. Chips without labels, and those that lie in areas of two roles, are left out.

The folder has train, validation and test, as the areas say; manifest.json, which the command 'train' takes with --scenes, on a larger machine, say; and class_map.json, which tells what the numbers in the labels mean. Nothing is there until all is written.</source>
   <translation>Schneidet Layer und Labels in Chips einer Größe: für jeden ein GeoTIFF von jedem Sensor, der dort Daten hat, und eines der Labels, alle auf denselben Pixeln. Chips ohne Labels und solche, die in Gebieten zweier Rollen liegen, werden weggelassen.

Der Ordner enthält train, validation und test, wie es die Gebiete sagen; manifest.json, das der Befehl 'train' mit --scenes nimmt, etwa auf einem größeren Rechner; und class_map.json, das sagt, was die Zahlen in den Labels bedeuten. Nichts ist da, bevor alles geschrieben ist.</translation>
  </message>
  <message>
   <source>Cutting chips</source>
   <translation>Chips werden geschnitten</translation>
  </message>
  <message>
   <source>Data</source>
   <translation>Daten</translation>
  </message>
  <message>
   <source>Data folder</source>
   <translation>Datenordner</translation>
  </message>
  <message>
   <source>Details</source>
   <translation>Einzelheiten</translation>
  </message>
  <message>
   <source>Device</source>
   <translation>Gerät</translation>
  </message>
  <message>
   <source>Diameter of brush and eraser on the screen</source>
   <translation>Durchmesser von Pinsel und Radierer auf dem Bildschirm</translation>
  </message>
  <message>
   <source>Difference without {sensor}</source>
   <translation>Unterschied ohne {sensor}</translation>
  </message>
  <message>
   <source>Digest of the data</source>
   <translation>Prüfsumme der Daten</translation>
  </message>
  <message>
   <source>Dividing the ground into areas</source>
   <translation>Gebiete werden aufgeteilt</translation>
  </message>
  <message>
   <source>Done</source>
   <translation>Fertig</translation>
  </message>
  <message>
   <source>Downloads about {size}.</source>
   <translation>Lädt etwa {size} herunter.</translation>
  </message>
  <message>
   <source>Drag a rectangle on the map</source>
   <translation>Ein Rechteck auf der Karte aufziehen</translation>
  </message>
  <message>
   <source>Draw a rectangle or a polygon on the map.</source>
   <translation>Ein Rechteck oder Polygon auf der Karte zeichnen.</translation>
  </message>
  <message>
   <source>Draw more labels, then train again</source>
   <translation>Mehr Labels zeichnen, dann noch einmal trainieren</translation>
  </message>
  <message>
   <source>Draw the area to map</source>
   <translation>Das zu kartierende Gebiet zeichnen</translation>
  </message>
  <message>
   <source>Drawn after the first epoch.</source>
   <translation>Wird nach der ersten Epoche gezeichnet.</translation>
  </message>
  <message>
   <source>Drawn area</source>
   <translation>Gezeichnetes Gebiet</translation>
  </message>
  <message>
   <source>Drawn on the map</source>
   <translation>Auf der Karte gezeichnet</translation>
  </message>
  <message>
   <source>Each object has a class of its own: is this the right field?</source>
   <translation>Jedes Objekt hat eine eigene Klasse: Ist es das richtige Feld?</translation>
  </message>
  <message>
   <source>Else nothing is done when the folder holds a finished model.</source>
   <translation>Sonst geschieht nichts, wenn im Ordner schon ein fertiges Modell liegt.</translation>
  </message>
  <message>
   <source>Empty where there is one field alone.</source>
   <translation>Leer, wo es nur ein Feld gibt.</translation>
  </message>
  <message>
   <source>Empty: 64 pixels of the map, fewer in a small scene.</source>
   <translation>Leer: 64 Pixel der Karte, in einer kleinen Szene weniger.</translation>
  </message>
  <message>
   <source>Empty: all stay.</source>
   <translation>Leer: alle bleiben.</translation>
  </message>
  <message>
   <source>Empty: all.</source>
   <translation>Leer: alle.</translation>
  </message>
  <message>
   <source>Empty: outlines of pixels.</source>
   <translation>Leer: Umrisse der Pixel.</translation>
  </message>
  <message>
   <source>Empty: results are temporary, and gone when QGIS is closed</source>
   <translation>Leer: Ergebnisse sind vorübergehend und weg, wenn QGIS geschlossen wird</translation>
  </message>
  <message>
   <source>Empty: that of the finest layer, or its UTM zone when that is not in metres.</source>
   <translation>Leer: das des feinsten Layers, oder dessen UTM-Zone, wenn es nicht in Metern ist.</translation>
  </message>
  <message>
   <source>Empty: that of the finest layer, within what the model was made for.</source>
   <translation>Leer: die des feinsten Layers, in den Grenzen, für die das Modell gemacht ist.</translation>
  </message>
  <message>
   <source>Empty: what fits the device.</source>
   <translation>Leer: was auf das Gerät passt.</translation>
  </message>
  <message>
   <source>Empty: what the engine finds enough.</source>
   <translation>Leer: was der Rechenkern für genug hält.</translation>
  </message>
  <message>
   <source>Ending after this step; the best so far is kept…</source>
   <translation>Endet nach diesem Schritt; das bisher beste bleibt …</translation>
  </message>
  <message>
   <source>Ends after so many epochs without a better validation; 0: never. Empty: the usual number.</source>
   <translation>Endet nach so vielen Epochen ohne bessere Validierung; 0: nie. Leer: die übliche Zahl.</translation>
  </message>
  <message>
   <source>Ends after the running step; the model is the best of the epochs so far</source>
   <translation>Endet nach dem laufenden Schritt; das Modell ist das beste der bisherigen Epochen</translation>
  </message>
  <message>
   <source>Ends now, without a model; the last whole epoch is kept to go on from</source>
   <translation>Endet jetzt, ohne Modell; die letzte ganze Epoche bleibt, um dort fortzusetzen</translation>
  </message>
  <message>
   <source>Engine</source>
   <translation>Rechenkern</translation>
  </message>
  <message>
   <source>Engine installed</source>
   <translation>Rechenkern installiert</translation>
  </message>
  <message>
   <source>Engine not installed: click to set it up</source>
   <translation>Rechenkern nicht installiert: zum Einrichten klicken</translation>
  </message>
  <message>
   <source>Engine ready · {device}</source>
   <translation>Rechenkern bereit · {device}</translation>
  </message>
  <message>
   <source>Engine: state and installation</source>
   <translation>Rechenkern: Zustand und Installation</translation>
  </message>
  <message>
   <source>Epoch</source>
   <translation>Epoche</translation>
  </message>
  <message>
   <source>Epoch {best} of {last} was best and was kept: mIoU {miou:.3f} on the validation areas.</source>
   <translation>Epoche {best} von {last} war die beste und blieb: mIoU {miou:.3f} in den Validierungsgebieten.</translation>
  </message>
  <message>
   <source>Epoch {epoch}</source>
   <translation>Epoche {epoch}</translation>
  </message>
  <message>
   <source>Epochs</source>
   <translation>Epochen</translation>
  </message>
  <message>
   <source>Epochs at most</source>
   <translation>Epochen höchstens</translation>
  </message>
  <message>
   <source>Eraser</source>
   <translation>Radierer</translation>
  </message>
  <message>
   <source>Errors</source>
   <translation>Fehler</translation>
  </message>
  <message>
   <source>Every class</source>
   <translation>Jede Klasse</translation>
  </message>
  <message>
   <source>Every combination of sensors</source>
   <translation>Jede Kombination von Sensoren</translation>
  </message>
  <message>
   <source>Everything</source>
   <translation>Alles</translation>
  </message>
  <message>
   <source>Everything in it is labelled: the rest of it is of the class 'background'.</source>
   <translation>Darin ist alles gelabelt: Der Rest davon ist von der Klasse 'background'.</translation>
  </message>
  <message>
   <source>Everything is kept in the project; a training goes on</source>
   <translation>Alles bleibt im Projekt; ein Training läuft weiter</translation>
  </message>
  <message>
   <source>Everything is kept in the project; the training stays paused, and maps wait for it</source>
   <translation>Alles bleibt im Projekt; das Training pausiert weiter, und Karten warten darauf</translation>
  </message>
  <message>
   <source>Everything needed to repeat it: {file}</source>
   <translation>Alles, um ihn zu wiederholen: {file}</translation>
  </message>
  <message>
   <source>Expected accuracy with {sensors}: not measured.</source>
   <translation>Erwartete Genauigkeit mit {sensors}: nicht gemessen.</translation>
  </message>
  <message>
   <source>Expected accuracy with {sensors}: {scores}, as measured on {data}.</source>
   <translation>Erwartete Genauigkeit mit {sensors}: {scores}, gemessen an: {data}.</translation>
  </message>
  <message>
   <source>Expected accuracy: pick a layer.</source>
   <translation>Erwartete Genauigkeit: einen Layer wählen.</translation>
  </message>
  <message>
   <source>Export the model</source>
   <translation>Modell exportieren</translation>
  </message>
  <message>
   <source>Export training data</source>
   <translation>Trainingsdaten exportieren</translation>
  </message>
  <message>
   <source>Extent</source>
   <translation>Ausdehnung</translation>
  </message>
  <message>
   <source>Extent of a layer</source>
   <translation>Ausdehnung eines Layers</translation>
  </message>
  <message>
   <source>F1: of the class's pixels in the labels and in the map, all counted, the share that agrees.</source>
   <translation>F1: von den Pixeln der Klasse in Labels und Karte zusammen der Anteil, der übereinstimmt.</translation>
  </message>
  <message>
   <source>Features outside of the layers: {count} of {total}; nothing is learned from them.</source>
   <translation>Objekte außerhalb der Layer: {count} von {total}; aus ihnen wird nichts gelernt.</translation>
  </message>
  <message>
   <source>Features without a class: {count}; they are ignored, unless you say what they are.</source>
   <translation>Objekte ohne Klasse: {count}; sie werden übergangen, solange nicht gesagt ist, was sie sind.</translation>
  </message>
  <message>
   <source>Features without geometry: {count}; they are left out.</source>
   <translation>Objekte ohne Geometrie: {count}; sie werden weggelassen.</translation>
  </message>
  <message>
   <source>Fetching {detail}</source>
   <translation>Hole {detail}</translation>
  </message>
  <message>
   <source>Fewer than {few} objects of: {names}. Label more of them, in different places.</source>
   <translation>Weniger als {few} Objekte von: {names}. Mehr davon labeln, an verschiedenen Stellen.</translation>
  </message>
  <message>
   <source>Field of the class</source>
   <translation>Feld der Klasse</translation>
  </message>
  <message>
   <source>File</source>
   <translation>Datei</translation>
  </message>
  <message>
   <source>Files</source>
   <translation>Dateien</translation>
  </message>
  <message>
   <source>Fill the rows again from band count, names, data type and values</source>
   <translation>Die Zeilen neu füllen, nach Kanalzahl, Namen, Datentyp und Werten</translation>
  </message>
  <message>
   <source>Fine-tune a model: page {number} of {count}</source>
   <translation>Modell weitertrainieren: Seite {number} von {count}</translation>
  </message>
  <message>
   <source>Fine-tune a model…</source>
   <translation>Modell weitertrainieren …</translation>
  </message>
  <message>
   <source>Finest layer's</source>
   <translation>Feinster Layer</translation>
  </message>
  <message>
   <source>Finest layer's: within the range that the model was made for</source>
   <translation>Die des feinsten Layers: in den Grenzen, für die das Modell gemacht ist</translation>
  </message>
  <message>
   <source>Finest layer's: within the {least:g} to {most:g} m that the model was made for</source>
   <translation>Die des feinsten Layers: zwischen {least:g} und {most:g} m, für die das Modell gemacht ist</translation>
  </message>
  <message>
   <source>Folder</source>
   <translation>Ordner</translation>
  </message>
  <message>
   <source>Folder for the results</source>
   <translation>Ordner für die Ergebnisse</translation>
  </message>
  <message>
   <source>Folder of chips</source>
   <translation>Ordner der Chips</translation>
  </message>
  <message>
   <source>Folder of wheels</source>
   <translation>Ordner mit Wheels</translation>
  </message>
  <message>
   <source>Folder to keep the adapted model in; empty: it is not kept.</source>
   <translation>Ordner für das angepasste Modell; leer: es wird nicht aufgehoben.</translation>
  </message>
  <message>
   <source>For install without a network: every wheel that the lock names. Empty: from the index.</source>
   <translation>Für install ohne Netz: jedes Wheel, das die Sperrdatei nennt. Leer: vom Index.</translation>
  </message>
  <message>
   <source>For install. auto: the processor, with the GPU where it needs no more.</source>
   <translation>Für install. auto: der Prozessor, mit GPU, wo das nicht mehr braucht.</translation>
  </message>
  <message>
   <source>For install: a program python, 3.11 to 3.14. Empty: the best one found.</source>
   <translation>Für install: ein Programm python, 3.11 bis 3.14. Leer: das beste gefundene.</translation>
  </message>
  <message>
   <source>Forget</source>
   <translation>Vergessen</translation>
  </message>
  <message>
   <source>Forget the training that was interrupted and begin again</source>
   <translation>Das unterbrochene Training vergessen und von vorn beginnen</translation>
  </message>
  <message>
   <source>Four strokes of three classes, and the map of them.</source>
   <translation>Vier Striche in drei Klassen und die Karte daraus.</translation>
  </message>
  <message>
   <source>From chip to chip (pixels)</source>
   <translation>Von Chip zu Chip (Pixel)</translation>
  </message>
  <message>
   <source>From…</source>
   <translation>Aus …</translation>
  </message>
  <message>
   <source>GeoPackage</source>
   <translation>GeoPackage</translation>
  </message>
  <message>
   <source>Give polygons with a text field 'role' that is train, validation or test.</source>
   <translation>Polygone mit einem Textfeld 'role' angeben, das train, validation oder test ist.</translation>
  </message>
  <message>
   <source>Give the model a title.</source>
   <translation>Dem Modell einen Titel geben.</translation>
  </message>
  <message>
   <source>Give the new model a name without slashes.</source>
   <translation>Dem neuen Modell einen Namen ohne Schrägstriche geben.</translation>
  </message>
  <message>
   <source>Given, but without data in the area</source>
   <translation>Gegeben, aber ohne Daten im Gebiet</translation>
  </message>
  <message>
   <source>Go on with strokes that were kept earlier</source>
   <translation>Mit früher aufgehobenen Strichen weitermachen</translation>
  </message>
  <message>
   <source>Go on with this run after its last finished part</source>
   <translation>Diesen Lauf nach seinem letzten fertigen Teil fortsetzen</translation>
  </message>
  <message>
   <source>Goes on from a model with labels of your own, for classes or a landscape that it does not know, and writes a new model: a folder with its weights and its card. The model it starts from stays as it is.

Labels are polygons, points or a raster. Those that bear the names of the model's classes mean these; otherwise each value is a new class, and the meaning of the labels says what else they are. Areas are polygons with a text field 'role': train, validation or test. Without them they are proposed, in blocks with room between, and kept beside the model. Accuracy is measured on the test areas, with every combination of the layers.

A training that was cancelled or interrupted goes on after its last whole epoch when it is started again with the same parameters, unless its result is temporary. On a processor, the same seed and number of threads give the same weights. A model that is in the folder already is replaced only with OVERWRITE.</source>
   <translation>Trainiert ein Modell mit eigenen Labels weiter, für Klassen oder eine Landschaft, die es nicht kennt, und schreibt ein neues Modell: einen Ordner mit Gewichten und Modellkarte. Das Ausgangsmodell bleibt, wie es ist.

Labels sind Polygone, Punkte oder ein Raster. Tragen sie Namen von Klassen des Modells, so bedeuten sie diese; sonst ist jeder Wert eine neue Klasse, und die Bedeutung der Labels sagt, was sie sonst sind. Gebiete sind Polygone mit einem Textfeld 'role': train, validation oder test. Ohne sie werden welche vorgeschlagen, in Blöcken mit Abstand, und neben dem Modell aufgehoben. Die Genauigkeit wird in den Testgebieten gemessen, mit jeder Kombination der Layer.

Ein abgebrochenes oder unterbrochenes Training geht nach seiner letzten ganzen Epoche weiter, wenn es mit denselben Parametern neu gestartet wird, außer sein Ergebnis ist vorübergehend. Auf einem Prozessor ergeben gleicher Startwert und gleiche Zahl von Threads die gleichen Gewichte. Ein Modell, das schon im Ordner liegt, wird nur mit OVERWRITE ersetzt.</translation>
  </message>
  <message>
   <source>Grid</source>
   <translation>Gitter</translation>
  </message>
  <message>
   <source>Ground metres a pixel</source>
   <translation>Meter am Boden je Pixel</translation>
  </message>
  <message>
   <source>Ground to train on, to choose the best epoch by, and to measure: accuracy counts only elsewhere.</source>
   <translation>Wo trainiert, die beste Epoche gewählt und gemessen wird: Genauigkeit zählt nur anderswo.</translation>
  </message>
  <message>
   <source>Guess</source>
   <translation>Raten</translation>
  </message>
  <message>
   <source>HTML files (*.html)</source>
   <translation>HTML-Dateien (*.html)</translation>
  </message>
  <message>
   <source>History</source>
   <translation>Verlauf</translation>
  </message>
  <message>
   <source>How it was made</source>
   <translation>Wie es gemacht wurde</translation>
  </message>
  <message>
   <source>How much each sensor counted at each pixel, in percent</source>
   <translation>Wie viel jeder Sensor an jedem Pixel zählte, in Prozent</translation>
  </message>
  <message>
   <source>How much each sensor counted:</source>
   <translation>Wie viel jeder Sensor zählte:</translation>
  </message>
  <message>
   <source>How much of a tile is blended with its neighbours</source>
   <translation>Wie viel einer Kachel mit ihren Nachbarn verblendet wird</translation>
  </message>
  <message>
   <source>How much of the model may change, for how long, and where the new one goes.</source>
   <translation>Wie viel des Modells sich ändern darf, wie lange, und wohin das neue kommt.</translation>
  </message>
  <message>
   <source>How strongly the map covers the picture</source>
   <translation>Wie stark die Karte das Bild überdeckt</translation>
  </message>
  <message>
   <source>How sure the model is, in percent</source>
   <translation>Wie sicher das Modell ist, in Prozent</translation>
  </message>
  <message>
   <source>Id</source>
   <translation>Kennung</translation>
  </message>
  <message>
   <source>Id of an installed model, or path of a model folder or .sgma file. Installed:</source>
   <translation>Kennung eines installierten Modells, oder Pfad eines Modellordners oder einer .sgma-Datei. Installiert:</translation>
  </message>
  <message>
   <source>In percent, on the same pixels; its mean goes into each polygon.</source>
   <translation>In Prozent, auf denselben Pixeln; das Mittel kommt in jedes Polygon.</translation>
  </message>
  <message>
   <source>Inde&amp;x of torch</source>
   <translation>Inde&amp;x von torch</translation>
  </message>
  <message>
   <source>Inspect</source>
   <translation>Untersuchen</translation>
  </message>
  <message>
   <source>Install it here, or name the Python of one that you made yourself.</source>
   <translation>Ihn hier installieren, oder das Python eines selbst angelegten nennen.</translation>
  </message>
  <message>
   <source>Install the engine</source>
   <translation>Rechenkern installieren</translation>
  </message>
  <message>
   <source>Install the engine first: click the line at the top.</source>
   <translation>Zuerst den Rechenkern installieren: auf die Zeile oben klicken.</translation>
  </message>
  <message>
   <source>Installed models</source>
   <translation>Installierte Modelle</translation>
  </message>
  <message>
   <source>Invalid polygons, such as cross themselves: {count}; they are repaired where they are read.</source>
   <translation>Ungültige Polygone, etwa solche, die sich selbst kreuzen: {count}; sie werden beim Lesen repariert.</translation>
  </message>
  <message>
   <source>IoU by class</source>
   <translation>IoU je Klasse</translation>
  </message>
  <message>
   <source>IoU on the validation areas</source>
   <translation>IoU in den Validierungsgebieten</translation>
  </message>
  <message>
   <source>IoU: of what is the class or was mapped as it, the share that is both.</source>
   <translation>IoU: von dem, was die Klasse ist oder als sie kartiert wurde, der Anteil, der beides ist.</translation>
  </message>
  <message>
   <source>It answers. Devices: {devices}</source>
   <translation>Er antwortet. Geräte: {devices}</translation>
  </message>
  <message>
   <source>It has one band of numbers that may be heights.</source>
   <translation>Er hat einen Kanal mit Zahlen, die Höhen sein können.</translation>
  </message>
  <message>
   <source>It has two bands of negative numbers, as decibels are.</source>
   <translation>Er hat zwei Kanäle mit negativen Zahlen, wie es Dezibel sind.</translation>
  </message>
  <message>
   <source>It has {count} bands without a name.</source>
   <translation>Er hat {count} Kanäle ohne Namen.</translation>
  </message>
  <message>
   <source>It is the fourth band of a picture.</source>
   <translation>Es ist der vierte Kanal eines Bildes.</translation>
  </message>
  <message>
   <source>It was made for another version of the plugin: install it again.</source>
   <translation>Er ist für eine andere Version der Erweiterung gemacht: neu installieren.</translation>
  </message>
  <message>
   <source>It was measured with just this combination of sensors. Your area may differ.</source>
   <translation>Gemessen mit genau dieser Kombination von Sensoren. In Ihrem Gebiet kann es anders sein.</translation>
  </message>
  <message>
   <source>Its bands are coloured red, green and blue.</source>
   <translation>Seine Kanäle sind rot, grün und blau gefärbt.</translation>
  </message>
  <message>
   <source>Its bands are described as VV and VH.</source>
   <translation>Seine Kanäle sind als VV und VH beschrieben.</translation>
  </message>
  <message>
   <source>Its bands are described as red, green and blue.</source>
   <translation>Seine Kanäle sind als rot, grün und blau beschrieben.</translation>
  </message>
  <message>
   <source>Its files are temporary.</source>
   <translation>Die Dateien sind temporär.</translation>
  </message>
  <message>
   <source>Its name says heights.</source>
   <translation>Sein Name sagt: Höhen.</translation>
  </message>
  <message>
   <source>Its name says infrared, red, green.</source>
   <translation>Sein Name sagt: Infrarot, Rot, Grün.</translation>
  </message>
  <message>
   <source>Its name says near infrared.</source>
   <translation>Sein Name sagt: nahes Infrarot.</translation>
  </message>
  <message>
   <source>Its name says radar.</source>
   <translation>Sein Name sagt: Radar.</translation>
  </message>
  <message>
   <source>JSON files (*.json)</source>
   <translation>JSON-Dateien (*.json)</translation>
  </message>
  <message>
   <source>Keep in &amp;file</source>
   <translation>In &amp;Datei</translation>
  </message>
  <message>
   <source>Keep what the strokes taught as a model of its own, in the list of models</source>
   <translation>Was die Striche gelehrt haben, als eigenes Modell in der Liste der Modelle aufheben</translation>
  </message>
  <message>
   <source>Key</source>
   <translation>Taste</translation>
  </message>
  <message>
   <source>Labelled area (polygons)</source>
   <translation>Gelabeltes Gebiet (Polygone)</translation>
  </message>
  <message>
   <source>Labelled ground, and its share of this class's labels in all areas</source>
   <translation>Gelabelte Fläche, und ihr Anteil an den Labels dieser Klasse in allen Gebieten</translation>
  </message>
  <message>
   <source>Labels</source>
   <translation>Labels</translation>
  </message>
  <message>
   <source>Labels from strokes</source>
   <translation>Labels aus Strichen</translation>
  </message>
  <message>
   <source>Labels of a part of the ground, and a map by the model that learned from such labels.</source>
   <translation>Labels eines Teils des Gebiets und eine Karte des Modells, das aus solchen Labels gelernt hat.</translation>
  </message>
  <message>
   <source>Land cover</source>
   <translation>Landbedeckung</translation>
  </message>
  <message>
   <source>Land cover from a few strokes</source>
   <translation>Landbedeckung aus ein paar Strichen</translation>
  </message>
  <message>
   <source>Land cover from sensor layers</source>
   <translation>Landbedeckung aus Sensorlayern</translation>
  </message>
  <message>
   <source>Land cover polygons</source>
   <translation>Landbedeckung als Polygone</translation>
  </message>
  <message>
   <source>Last step only</source>
   <translation>Nur der letzte Schritt</translation>
  </message>
  <message>
   <source>Layer and field</source>
   <translation>Layer und Feld</translation>
  </message>
  <message>
   <source>Layer with {sensor}; leave it empty if you have none. One file may fill several rows.</source>
   <translation>Layer mit {sensor}; leer lassen, wenn keiner da ist. Eine Datei kann mehrere Zeilen füllen.</translation>
  </message>
  <message>
   <source>Layer {layer} has no CRS: set the one it was made in (Layer &gt; Set CRS of Layer).</source>
   <translation>Layer {layer} hat kein KBS: das setzen, in dem er gemacht wurde (Layer &gt; KBS von Layer(n) setzen).</translation>
  </message>
  <message>
   <source>Layer {layer} has no CRS: set the one it was made in.</source>
   <translation>Layer {layer} hat kein KBS: das setzen, in dem er gemacht wurde.</translation>
  </message>
  <message>
   <source>Layer {layer} has no field 'role'.</source>
   <translation>Layer {layer} hat kein Feld 'role'.</translation>
  </message>
  <message>
   <source>Layer {layer} has no field {field}: choose the one that holds the class.</source>
   <translation>Layer {layer} hat kein Feld {field}: das wählen, das die Klasse enthält.</translation>
  </message>
  <message>
   <source>Layer {layer} holds no feature: draw some, then come back.</source>
   <translation>Layer {layer} enthält kein Objekt: welche zeichnen, dann wiederkommen.</translation>
  </message>
  <message>
   <source>Layer {layer} holds the strokes as labels; its field is {field}.</source>
   <translation>Layer {layer} enthält die Striche als Labels; sein Feld ist {field}.</translation>
  </message>
  <message>
   <source>Layer {layer} is being edited.</source>
   <translation>Layer {layer} wird gerade bearbeitet.</translation>
  </message>
  <message>
   <source>Layer {layer} is not valid: repair its source.</source>
   <translation>Layer {layer} ist nicht gültig: seine Quelle reparieren.</translation>
  </message>
  <message>
   <source>Layer {layer} lies outside of the layers to learn from: check the CRS and place of both.</source>
   <translation>Layer {layer} liegt außerhalb der Layer, aus denen gelernt wird: KBS und Lage von beiden prüfen.</translation>
  </message>
  <message>
   <source>Layer {name} is not valid in QGIS.</source>
   <translation>Der Layer {name} ist in QGIS nicht gültig.</translation>
  </message>
  <message>
   <source>Layers</source>
   <translation>Layer</translation>
  </message>
  <message>
   <source>Layers by sensor</source>
   <translation>Layer nach Sensor</translation>
  </message>
  <message>
   <source>Layers, labels or areas have changed since this was measured: measure again.</source>
   <translation>Layer, Labels oder Gebiete haben sich seit der Messung geändert: neu messen.</translation>
  </message>
  <message>
   <source>Learning rate</source>
   <translation>Lernrate</translation>
  </message>
  <message>
   <source>Leave empty if you have none.</source>
   <translation>Leer lassen, wenn keiner da ist.</translation>
  </message>
  <message>
   <source>Leave out (polygons)</source>
   <translation>Auslassen (Polygone)</translation>
  </message>
  <message>
   <source>Leaves out corners of less than this squared; neighbours keep their border in common.</source>
   <translation>Lässt Ecken weg, die kleiner als dies im Quadrat sind; Nachbarn behalten ihre gemeinsame Grenze.</translation>
  </message>
  <message>
   <source>Licence</source>
   <translation>Lizenz</translation>
  </message>
  <message>
   <source>Lines, polygons or points, in any CRS.</source>
   <translation>Linien, Polygone oder Punkte, in jedem KBS.</translation>
  </message>
  <message>
   <source>Look at the layers once more</source>
   <translation>Die Layer noch einmal ansehen</translation>
  </message>
  <message>
   <source>Look for Python</source>
   <translation>Python suchen</translation>
  </message>
  <message>
   <source>Look for the engine</source>
   <translation>Rechenkern suchen</translation>
  </message>
  <message>
   <source>Look whether this Python has everything</source>
   <translation>Nachsehen, ob dieses Python alles hat</translation>
  </message>
  <message>
   <source>Looking at the layers…</source>
   <translation>Layer werden angesehen …</translation>
  </message>
  <message>
   <source>Looking at the strokes</source>
   <translation>Striche werden angesehen</translation>
  </message>
  <message>
   <source>Looking at the strokes…</source>
   <translation>Striche werden angesehen …</translation>
  </message>
  <message>
   <source>Looking at this place</source>
   <translation>Diese Stelle wird angesehen</translation>
  </message>
  <message>
   <source>Looking for Python</source>
   <translation>Python wird gesucht</translation>
  </message>
  <message>
   <source>Looking for places to label</source>
   <translation>Stellen zum Labeln werden gesucht</translation>
  </message>
  <message>
   <source>Looking for the engine…</source>
   <translation>Rechenkern wird gesucht …</translation>
  </message>
  <message>
   <source>Looking…</source>
   <translation>Ansehen …</translation>
  </message>
  <message>
   <source>Looks for the places where labels would teach a model most, and writes them as ranked squares. A place counts for how unsure the model is there, and for how much the maps by each sensor alone differ from the map by all; of two that are near each other, or show the same classes, only the better one.

Each square says why: 'unsure between road and roof', 'NIR and DSM disagree'. Label all that can be seen in it, train the model further, and ask again.</source>
   <translation>Sucht die Stellen, an denen Labels ein Modell am meisten lehren würden, und schreibt sie als Quadrate mit Rang. Eine Stelle zählt danach, wie unsicher das Modell dort ist, und wie sehr die Karten aus jedem Sensor allein von der Karte aus allen abweichen; von zweien, die nah beieinander liegen oder dieselben Klassen zeigen, nur die bessere.

Jedes Quadrat sagt, warum: 'unsure between road and roof' (unsicher zwischen zwei Klassen), 'NIR and DSM disagree' (zwei Sensoren widersprechen sich). Alles labeln, was darin zu sehen ist, das Modell weitertrainieren, und neu suchen.</translation>
  </message>
  <message>
   <source>Loss</source>
   <translation>Verlust</translation>
  </message>
  <message>
   <source>Made by SGMA for QGIS with the model {title} ({id}, SHA-256 {sha}).</source>
   <translation>Gemacht von SGMA für QGIS mit dem Modell {title} ({id}, SHA-256 {sha}).</translation>
  </message>
  <message>
   <source>Made by an older version: it cannot be run again from here.</source>
   <translation>Von einer älteren Version gemacht: von hier aus nicht zu wiederholen.</translation>
  </message>
  <message>
   <source>Make it again (Ctrl+Shift+Z)</source>
   <translation>Ihn wiederherstellen (Strg+Umschalt+Z)</translation>
  </message>
  <message>
   <source>Make room on its disk, or save the project elsewhere.</source>
   <translation>Auf seiner Platte Platz schaffen, oder das Projekt anderswo speichern.</translation>
  </message>
  <message>
   <source>Make room on the disk, or choose another project folder.</source>
   <translation>Auf der Platte Platz schaffen, oder einen anderen Projektordner wählen.</translation>
  </message>
  <message>
   <source>Makes polygons of a raster of classes, strip by strip, so that its size does not matter. Neighbours share their border exactly, also where outlines are simplified.

Each polygon has class_id, class_name, area_m2 on the ellipsoid and conf_mean, the mean of the confidence raster if one is given. Names and colours are the model's; without a model those that lie beside the raster, as this plugin and GDAL keep them.</source>
   <translation>Macht aus einem Klassenraster Polygone, Streifen für Streifen, sodass seine Größe keine Rolle spielt. Nachbarn haben genau dieselbe Grenze, auch wo Umrisse vereinfacht werden.

Jedes Polygon hat class_id, class_name, area_m2 auf dem Ellipsoid und conf_mean, das Mittel des Konfidenzrasters, wenn eines gegeben ist. Namen und Farben sind die des Modells; ohne Modell die, die neben dem Raster liegen, wie dieses Plugin und GDAL sie ablegen.</translation>
  </message>
  <message>
   <source>Making an environment from {detail}</source>
   <translation>Umgebung aus {detail} wird angelegt</translation>
  </message>
  <message>
   <source>Making polygons</source>
   <translation>Polygone bilden</translation>
  </message>
  <message>
   <source>Making the model…</source>
   <translation>Das Modell wird erstellt …</translation>
  </message>
  <message>
   <source>Manifest</source>
   <translation>Manifest</translation>
  </message>
  <message>
   <source>Map</source>
   <translation>Karte</translation>
  </message>
  <message>
   <source>Map land cover from whatever sensor layers there are</source>
   <translation>Landbedeckung kartieren aus den Sensorlayern, die da sind</translation>
  </message>
  <message>
   <source>Map of the strokes</source>
   <translation>Karte der Striche</translation>
  </message>
  <message>
   <source>Map only the polygons that are selected when the run starts</source>
   <translation>Nur die Polygone kartieren, die beim Start des Laufs gewählt sind</translation>
  </message>
  <message>
   <source>Map the area chosen under Set up, with the outputs chosen there</source>
   <translation>Das unter „Setup“ gewählte Gebiet kartieren, mit den dort gewählten Ausgaben</translation>
  </message>
  <message>
   <source>Map the whole area</source>
   <translation>Das ganze Gebiet kartieren</translation>
  </message>
  <message>
   <source>Map what the map shows with and without this sensor, and show where they differ</source>
   <translation>Den Kartenausschnitt mit und ohne diesen Sensor kartieren und zeigen, wo sie sich unterscheiden</translation>
  </message>
  <message>
   <source>Map {name}</source>
   <translation>{name} kartieren</translation>
  </message>
  <message>
   <source>Map: {grid}</source>
   <translation>Karte: {grid}</translation>
  </message>
  <message>
   <source>Map: {width} x {height} pixels of {resolution:g} m, {crs}.</source>
   <translation>Karte: {width} x {height} Pixel zu {resolution:g} m, {crs}.</translation>
  </message>
  <message>
   <source>Mapped area</source>
   <translation>Gebiet</translation>
  </message>
  <message>
   <source>Mapping the view with all sensors</source>
   <translation>Ansicht mit allen Sensoren kartieren</translation>
  </message>
  <message>
   <source>Mapping the view without {sensor}</source>
   <translation>Ansicht ohne {sensor} kartieren</translation>
  </message>
  <message>
   <source>Maps and previews are hidden while this button is held down</source>
   <translation>Karten und Vorschauen sind verborgen, solange dieser Knopf gedrückt ist</translation>
  </message>
  <message>
   <source>Maps classes of your own from a few strokes: lines, polygons or points that name a class in a field. A model is adapted to them in a moment, or the pixels alone decide (model: none), and the map is made as by "Land cover from sensor layers", with the same results. It is the map that the tab Strokes of the dock makes; with a model about one pixel in a hundred may differ on layers larger than its tiles.

A field 'width' is the width of lines and points in metres; without it they are three pixels wide. A field 'color' (#rrggbb) is the colour of the class. What was drawn later lies on top. Strokes count wherever they lie on the layers, inside the mapped area or not; at least two classes are needed. Where all of them are classes of the model, its other classes stay on the map; else the strokes' classes are all.

The adapted model can be kept in a folder. Strokes that are no file of their own (selected, filtered or in memory, say) are kept as NAME.strokes.gpkg beside the map.</source>
   <translation>Kartiert eigene Klassen aus ein paar Strichen: Linien, Polygonen oder Punkten, die in einem Feld eine Klasse nennen. Ein Modell wird ihnen in einem Augenblick angepasst, oder die Pixel allein entscheiden (Modell: none), und die Karte wird wie von „Landbedeckung aus Sensorlayern“ gemacht, mit denselben Ergebnissen. Es ist die Karte, die der Reiter „Striche“ im Dock macht; mit einem Modell kann auf Layern, die größer als seine Kacheln sind, etwa ein Pixel von hundert anders sein.

Ein Feld 'width' ist die Breite von Linien und Punkten in Metern; ohne es sind sie drei Pixel breit. Ein Feld 'color' (#rrggbb) ist die Farbe der Klasse. Später Gezeichnetes liegt oben. Striche zählen, wo immer sie auf den Layern liegen, im kartierten Gebiet oder nicht; mindestens zwei Klassen sind nötig. Sind alle davon Klassen des Modells, bleiben seine anderen Klassen auf der Karte; sonst sind die Klassen der Striche alle.

Das angepasste Modell kann in einem Ordner aufgehoben werden. Striche, die keine eigene Datei sind (etwa gewählte, gefilterte oder im Speicher), werden als NAME.strokes.gpkg neben der Karte aufgehoben.</translation>
  </message>
  <message>
   <source>Maps land cover from any of RGB, near infrared, height model and radar. Layers may differ in resolution, extent, data type and CRS; give those you have. Where none of them has data, the map has none.

Beside the map it can write how sure the model is (0-100), which sensors were there at each pixel, how much each of them counted, and the map as polygons. NAME.run.json beside the map keeps what is needed to repeat the run.

A run that was cancelled or interrupted continues where it stopped when started again with the same parameters, unless its result is temporary. An area that is no file of its own (selected or filtered polygons, say) is kept as NAME.area.gpkg beside the map. Rasters are GeoTIFF (.tif), polygons GeoPackage (.gpkg).</source>
   <translation>Kartiert Landbedeckung aus RGB, nahem Infrarot, Höhenmodell und Radar, soweit vorhanden. Layer dürfen sich in Auflösung, Ausdehnung, Datentyp und KBS unterscheiden. Wo keiner Daten hat, hat auch die Karte keine.

Neben der Karte kann geschrieben werden, wie sicher das Modell ist (0-100), welche Sensoren an jedem Pixel da waren, wie viel jeder zählte, und die Karte als Polygone. NAME.run.json neben der Karte enthält alles, um den Lauf zu wiederholen.

Ein abgebrochener oder unterbrochener Lauf geht dort weiter, wo er aufgehört hat, wenn er mit denselben Parametern neu gestartet wird, außer sein Ergebnis ist vorübergehend. Ein Gebiet, das keine eigene Datei ist (etwa gewählte oder gefilterte Polygone), wird als NAME.area.gpkg neben der Karte aufgehoben. Raster sind GeoTIFF (.tif), Polygone GeoPackage (.gpkg).</translation>
  </message>
  <message>
   <source>Maps the layers with a model and compares the result with a reference, once for every combination of the layers: what the map is worth when one of them is missing.

The report, a page or JSON, has mIoU with its confidence interval, IoU and F1 of each class, the confusion matrix, and whether the confidences can be believed. Measure where the model was not trained: the test areas of a training (OUTPUT.areas.gpkg beside the model, where they were proposed), the extent or the area say where. A reference that holds no class name or id of the model needs a meaning.

The raster of errors shows where the map by all layers differs from the reference; the report in JSON lists the largest places of every mistake.</source>
   <translation>Kartiert die Layer mit einem Modell und vergleicht das Ergebnis mit einer Referenz, einmal für jede Kombination der Layer: was die Karte wert ist, wenn einer davon fehlt.

Der Bericht, eine Seite oder JSON, enthält mIoU mit Konfidenzintervall, IoU und F1 jeder Klasse, die Konfusionsmatrix, und ob den Sicherheiten zu glauben ist. Dort messen, wo das Modell nicht trainiert wurde: die Testgebiete eines Trainings (OUTPUT.areas.gpkg neben dem Modell, wo sie vorgeschlagen wurden), die Ausdehnung oder das Gebiet sagen, wo. Eine Referenz ohne Klassennamen oder Nummern des Modells braucht eine Bedeutung.

Das Raster der Fehler zeigt, wo die Karte aus allen Layern von der Referenz abweicht; der Bericht in JSON nennt zu jeder Verwechslung die größten Stellen.</translation>
  </message>
  <message>
   <source>Mark where the map is least sure: a stroke helps most there</source>
   <translation>Zeigen, wo die Karte am unsichersten ist: dort hilft ein Strich am meisten</translation>
  </message>
  <message>
   <source>Mean</source>
   <translation>Mittel</translation>
  </message>
  <message>
   <source>Mean (F1)</source>
   <translation>Mittel (F1)</translation>
  </message>
  <message>
   <source>Mean (mIoU)</source>
   <translation>Mittel (mIoU)</translation>
  </message>
  <message>
   <source>Mean confidence</source>
   <translation>Mittlere Sicherheit</translation>
  </message>
  <message>
   <source>Mean of all combinations of sensors</source>
   <translation>Mittel aller Kombinationen von Sensoren</translation>
  </message>
  <message>
   <source>Mean of known classes</source>
   <translation>Mittel bekannter Klassen</translation>
  </message>
  <message>
   <source>Meaning</source>
   <translation>Bedeutung</translation>
  </message>
  <message>
   <source>Meaning of the labels (JSON)</source>
   <translation>Bedeutung der Labels (JSON)</translation>
  </message>
  <message>
   <source>Meaning of {value}</source>
   <translation>Bedeutung von {value}</translation>
  </message>
  <message>
   <source>Measure the data folder</source>
   <translation>Datenordner messen</translation>
  </message>
  <message>
   <source>Measured accuracy</source>
   <translation>Gemessene Genauigkeit</translation>
  </message>
  <message>
   <source>Measured on: {data} ({split})</source>
   <translation>Gemessen auf: {data} ({split})</translation>
  </message>
  <message>
   <source>Measuring accuracy</source>
   <translation>Genauigkeit wird gemessen</translation>
  </message>
  <message>
   <source>Measuring the model before</source>
   <translation>Das Modell vorher wird gemessen</translation>
  </message>
  <message>
   <source>Measuring the new model</source>
   <translation>Das neue Modell wird gemessen</translation>
  </message>
  <message>
   <source>Memory for &amp;strokes</source>
   <translation>Speicher für &amp;Striche</translation>
  </message>
  <message>
   <source>Memory of the engine while it follows your strokes: the more, the larger the view that it can follow</source>
   <translation>Speicher des Rechenkerns, während er Ihren Strichen folgt: je mehr, desto größer die Ansicht, der er folgen kann</translation>
  </message>
  <message>
   <source>Missing: {path}</source>
   <translation>Fehlt: {path}</translation>
  </message>
  <message>
   <source>Model</source>
   <translation>Modell</translation>
  </message>
  <message>
   <source>Model &amp;card</source>
   <translation>Modell&amp;karte</translation>
  </message>
  <message>
   <source>Model (id or path)</source>
   <translation>Modell (Kennung oder Pfad)</translation>
  </message>
  <message>
   <source>Model and budget</source>
   <translation>Modell und Aufwand</translation>
  </message>
  <message>
   <source>Model card</source>
   <translation>Modellkarte</translation>
  </message>
  <message>
   <source>Model card: {id}</source>
   <translation>Modellkarte: {id}</translation>
  </message>
  <message>
   <source>Model folder</source>
   <translation>Modellordner</translation>
  </message>
  <message>
   <source>Model information</source>
   <translation>Auskunft über Modelle</translation>
  </message>
  <message>
   <source>Model to start from (id or path)</source>
   <translation>Ausgangsmodell (Kennung oder Pfad)</translation>
  </message>
  <message>
   <source>Model to start from (id or path; none: pixels alone)</source>
   <translation>Ausgangsmodell (Kennung oder Pfad; none: nur Pixel)</translation>
  </message>
  <message>
   <source>Model was trained on this combination</source>
   <translation>Modell wurde mit dieser Kombination trainiert</translation>
  </message>
  <message>
   <source>Model whose classes the labels name (id or path)</source>
   <translation>Modell, dessen Klassen die Labels nennen (Kennung oder Pfad)</translation>
  </message>
  <message>
   <source>Model {name} is in the list of models.</source>
   <translation>Modell {name} ist in der Liste der Modelle.</translation>
  </message>
  <message>
   <source>Model's</source>
   <translation>Die des Modells</translation>
  </message>
  <message>
   <source>Model's: {metres:g} m</source>
   <translation>Die des Modells: {metres:g} m</translation>
  </message>
  <message>
   <source>Model: {folder}</source>
   <translation>Modell: {folder}</translation>
  </message>
  <message>
   <source>Models</source>
   <translation>Modelle</translation>
  </message>
  <message>
   <source>More &amp;labels: back to page 2</source>
   <translation>Mehr &amp;Labels: zurück zu Seite 2</translation>
  </message>
  <message>
   <source>Move models, caches and engine elsewhere, or use a folder that has some already</source>
   <translation>Modelle, Zwischenspeicher und Rechenkern woandershin verschieben, oder einen Ordner benutzen, der sie schon hat</translation>
  </message>
  <message>
   <source>Move the data folder</source>
   <translation>Datenordner verschieben</translation>
  </message>
  <message>
   <source>N&amp;ame</source>
   <translation>N&amp;ame</translation>
  </message>
  <message>
   <source>NAME.tif, NAME_confidence.tif and so on</source>
   <translation>NAME.tif, NAME_confidence.tif und so weiter</translation>
  </message>
  <message>
   <source>NVIDIA GPU (CUDA), or processor</source>
   <translation>NVIDIA-GPU (CUDA) oder Prozessor</translation>
  </message>
  <message>
   <source>Name</source>
   <translation>Name</translation>
  </message>
  <message>
   <source>Name another Python</source>
   <translation>Ein anderes Python nennen</translation>
  </message>
  <message>
   <source>Name another on the page Model and budget.</source>
   <translation>Auf der Seite „Modell und Aufwand“ einen anderen nennen.</translation>
  </message>
  <message>
   <source>Name of a new class</source>
   <translation>Name einer neuen Klasse</translation>
  </message>
  <message>
   <source>Name of the model</source>
   <translation>Name des Modells</translation>
  </message>
  <message>
   <source>Name of the new class</source>
   <translation>Name der neuen Klasse</translation>
  </message>
  <message>
   <source>Name of the new class of {value}</source>
   <translation>Name der neuen Klasse von {value}</translation>
  </message>
  <message>
   <source>Name one on the page Model and budget.</source>
   <translation>Auf der Seite „Modell und Aufwand“ einen nennen.</translation>
  </message>
  <message>
   <source>Name the folder in the field above it.</source>
   <translation>Den Ordner im Feld darüber nennen.</translation>
  </message>
  <message>
   <source>Name the new model, add it to your models, and use it.</source>
   <translation>Das neue Modell benennen, zu den eigenen Modellen hinzufügen, und benutzen.</translation>
  </message>
  <message>
   <source>Needs about {parts}.</source>
   <translation>Braucht etwa {parts}.</translation>
  </message>
  <message>
   <source>Neither test nor validation areas hold labels: nothing can be measured.</source>
   <translation>Weder Test- noch Validierungsgebiete enthalten Labels: nichts ist messbar.</translation>
  </message>
  <message>
   <source>Network</source>
   <translation>Netz</translation>
  </message>
  <message>
   <source>New class</source>
   <translation>Neue Klasse</translation>
  </message>
  <message>
   <source>New to the model: {classes}.</source>
   <translation>Neu für das Modell: {classes}.</translation>
  </message>
  <message>
   <source>No area is drawn.</source>
   <translation>Kein Gebiet ist gezeichnet.</translation>
  </message>
  <message>
   <source>No feature has a class in this field: fill it in, or choose another field.</source>
   <translation>Kein Objekt hat in diesem Feld eine Klasse: es ausfüllen, oder ein anderes Feld wählen.</translation>
  </message>
  <message>
   <source>No independent estimate: there is no test area, and the training chose by the validation areas.</source>
   <translation>Keine unabhängige Schätzung: es gibt kein Testgebiet, und das Training wählte nach den Validierungsgebieten.</translation>
  </message>
  <message>
   <source>No label in the {role} areas is {names}: accuracy there says nothing about that.</source>
   <translation>In den Gebieten für {role} fehlen Labels für {names}: die Genauigkeit dort sagt darüber nichts.</translation>
  </message>
  <message>
   <source>No layer can be used in this area: see the marks above.</source>
   <translation>Kein Layer ist in diesem Gebiet brauchbar: siehe die Zeichen oben.</translation>
  </message>
  <message>
   <source>No layer is chosen as the area.</source>
   <translation>Kein Layer ist als Gebiet gewählt.</translation>
  </message>
  <message>
   <source>No layer is picked.</source>
   <translation>Kein Layer ist gewählt.</translation>
  </message>
  <message>
   <source>No layer of the project has a field with classes.</source>
   <translation>Kein Layer des Projekts hat ein Feld mit Klassen.</translation>
  </message>
  <message>
   <source>No layer was given: give at least one of {slots}.</source>
   <translation>Kein Layer wurde angegeben: mindestens einen von {slots} angeben.</translation>
  </message>
  <message>
   <source>No layer with {what}.</source>
   <translation>Kein Layer mit {what}.</translation>
  </message>
  <message>
   <source>No longer mapped: {area}</source>
   <translation>Nicht mehr kartiert: {area}</translation>
  </message>
  <message>
   <source>No model is chosen</source>
   <translation>Kein Modell ist gewählt</translation>
  </message>
  <message>
   <source>No model is chosen under Set up.</source>
   <translation>Unter „Setup“ ist kein Modell gewählt.</translation>
  </message>
  <message>
   <source>No model is installed.</source>
   <translation>Kein Modell ist installiert.</translation>
  </message>
  <message>
   <source>No model is installed: add one.</source>
   <translation>Kein Modell ist installiert: eines hinzufügen.</translation>
  </message>
  <message>
   <source>No model was made.</source>
   <translation>Es wurde kein Modell erstellt.</translation>
  </message>
  <message>
   <source>No picture of {layer} could be made: {why}.</source>
   <translation>Von {layer} ließ sich kein Bild machen: {why}.</translation>
  </message>
  <message>
   <source>No places are known yet.</source>
   <translation>Noch sind keine Stellen bekannt.</translation>
  </message>
  <message>
   <source>No polygon layer is chosen as the area.</source>
   <translation>Kein Polygonlayer ist als Gebiet gewählt.</translation>
  </message>
  <message>
   <source>No result in this project yet; the history keeps earlier runs.</source>
   <translation>In diesem Projekt gibt es noch kein Ergebnis; frühere Läufe stehen im Verlauf.</translation>
  </message>
  <message>
   <source>No runs yet. They appear here; those with temporary results until QGIS is closed.</source>
   <translation>Noch keine Läufe. Hier erscheinen sie; solche mit temporären Ergebnissen, bis QGIS geschlossen wird.</translation>
  </message>
  <message>
   <source>No such error lies in one piece.</source>
   <translation>Kein solcher Fehler liegt in einem Stück.</translation>
  </message>
  <message>
   <source>No test area: there will be no independent estimate of the accuracy.</source>
   <translation>Kein Testgebiet: es wird keine unabhängige Schätzung der Genauigkeit geben.</translation>
  </message>
  <message>
   <source>No training label is {names}: the model cannot learn that.</source>
   <translation>Kein Trainingslabel ist {names}: das kann das Modell nicht lernen.</translation>
  </message>
  <message>
   <source>No validation area: the last weights are taken, not the best.</source>
   <translation>Kein Validierungsgebiet: die letzten Gewichte werden genommen, nicht die besten.</translation>
  </message>
  <message>
   <source>No-data values</source>
   <translation>NoData-Werte</translation>
  </message>
  <message>
   <source>No.</source>
   <translation>Nr.</translation>
  </message>
  <message>
   <source>None of {last} epochs was better than the model it started from (mIoU {miou:.3f}): that was kept.</source>
   <translation>Keine von {last} Epochen war besser als das Ausgangsmodell (mIoU {miou:.3f}): dieses blieb.</translation>
  </message>
  <message>
   <source>None.</source>
   <translation>Keine.</translation>
  </message>
  <message>
   <source>Not all values are names of the model's classes: each is a new class, unless you choose otherwise. Choose a class of the model for one of them, and all its classes stay.</source>
   <translation>Nicht alle Werte sind Namen von Klassen des Modells: ohne andere Wahl ist jeder eine neue Klasse. Steht bei einem eine Klasse des Modells, bleiben alle seine Klassen.</translation>
  </message>
  <message>
   <source>Not measured yet.</source>
   <translation>Noch nicht gemessen.</translation>
  </message>
  <message>
   <source>Not started yet. The new model will be written to {folder}</source>
   <translation>Noch nicht gestartet. Das neue Modell wird geschrieben nach {folder}</translation>
  </message>
  <message>
   <source>Notes</source>
   <translation>Hinweise</translation>
  </message>
  <message>
   <source>Nothing is downloaded before you press the button.</source>
   <translation>Nichts wird heruntergeladen, bevor der Knopf gedrückt ist.</translation>
  </message>
  <message>
   <source>Nothing is selected.</source>
   <translation>Nichts ist gewählt.</translation>
  </message>
  <message>
   <source>Nothing is selected: click a patch of the map.</source>
   <translation>Nichts ist gewählt: einen Fleck der Karte anklicken.</translation>
  </message>
  <message>
   <source>Nothing was finished yet.</source>
   <translation>Noch war nichts fertig.</translation>
  </message>
  <message>
   <source>Nothing was validated: there is no validation area.</source>
   <translation>Nichts wurde validiert: es gibt kein Validierungsgebiet.</translation>
  </message>
  <message>
   <source>Objects</source>
   <translation>Objekte</translation>
  </message>
  <message>
   <source>Of one class, F1 = 2 IoU / (1 + IoU): the milder number for the same map</source>
   <translation>Je Klasse ist F1 = 2 IoU / (1 + IoU): die mildere Zahl für dieselbe Karte</translation>
  </message>
  <message>
   <source>Of polygons and points; empty where there is one field alone.</source>
   <translation>Von Polygonen und Punkten; leer, wo es nur ein Feld gibt.</translation>
  </message>
  <message>
   <source>Of the areas that count; without areas it has no say.</source>
   <translation>Der Gebiete, die zählen; ohne Gebiete hat sie nichts zu sagen.</translation>
  </message>
  <message>
   <source>Of the map that a land cover run would make of the layers; a small scene needs smaller ones.</source>
   <translation>Der Karte, die ein Lauf der Landbedeckung aus den Layern machen würde; eine kleine Szene braucht kleinere.</translation>
  </message>
  <message>
   <source>Of the pixels that are mapped with 80 % confidence, 80 % should be right: on the dashed line. Below it, the map is too sure of itself. Large dots stand for many pixels.</source>
   <translation>Von den Pixeln, die mit 80 % Sicherheit kartiert sind, sollten 80 % richtig sein: auf der gestrichelten Linie. Darunter ist die Karte sich zu sicher. Große Punkte stehen für viele Pixel.</translation>
  </message>
  <message>
   <source>One .sgma file with card and weights, to pass on</source>
   <translation>Eine .sgma-Datei mit Karte und Gewichten, zum Weitergeben</translation>
  </message>
  <message>
   <source>One band of whole numbers, as 'Land cover from sensor layers' makes.</source>
   <translation>Ein Band ganzer Zahlen, wie 'Landbedeckung aus Sensorlayern' es macht.</translation>
  </message>
  <message>
   <source>One class a line; those that the model does not know are new ones.</source>
   <translation>Eine Klasse je Zeile; die das Modell nicht kennt, sind neue.</translation>
  </message>
  <message>
   <source>Only pixels inside these polygons are mapped; tiles outside are not computed.</source>
   <translation>Nur Pixel in diesen Polygonen werden kartiert; Kacheln außerhalb werden nicht gerechnet.</translation>
  </message>
  <message>
   <source>Only what lies in its polygons is mapped</source>
   <translation>Nur was in seinen Polygonen liegt, wird kartiert</translation>
  </message>
  <message>
   <source>Only {name} has strokes: paint another class, too.</source>
   <translation>Nur {name} hat Striche: auch eine andere Klasse malen.</translation>
  </message>
  <message>
   <source>Opacit&amp;y</source>
   <translation>De&amp;ckkraft</translation>
  </message>
  <message>
   <source>Opacity of the map</source>
   <translation>Deckkraft der Karte</translation>
  </message>
  <message>
   <source>Opacity of the preview</source>
   <translation>Deckkraft der Vorschau</translation>
  </message>
  <message>
   <source>Ope&amp;n report</source>
   <translation>Beri&amp;cht öffnen</translation>
  </message>
  <message>
   <source>Open folder</source>
   <translation>Ordner öffnen</translation>
  </message>
  <message>
   <source>Open report</source>
   <translation>Bericht öffnen</translation>
  </message>
  <message>
   <source>Open strokes</source>
   <translation>Striche öffnen</translation>
  </message>
  <message>
   <source>Open strokes…</source>
   <translation>Striche öffnen …</translation>
  </message>
  <message>
   <source>Open the folder of the results</source>
   <translation>Den Ordner der Ergebnisse öffnen</translation>
  </message>
  <message>
   <source>Open the wizard</source>
   <translation>Assistenten öffnen</translation>
  </message>
  <message>
   <source>Opening layers</source>
   <translation>Layer werden geöffnet</translation>
  </message>
  <message>
   <source>Other…</source>
   <translation>Anderes …</translation>
  </message>
  <message>
   <source>Outcome</source>
   <translation>Ergebnis</translation>
  </message>
  <message>
   <source>Output CRS</source>
   <translation>KBS der Ausgabe</translation>
  </message>
  <message>
   <source>Outputs</source>
   <translation>Ausgaben</translation>
  </message>
  <message>
   <source>Overlap</source>
   <translation>Überlappung</translation>
  </message>
  <message>
   <source>Own Python</source>
   <translation>Eigenes Python</translation>
  </message>
  <message>
   <source>P&amp;recision</source>
   <translation>&amp;Genauigkeit</translation>
  </message>
  <message>
   <source>Page</source>
   <translation>Seite</translation>
  </message>
  <message>
   <source>Paint again: another one is made.</source>
   <translation>Neu malen: ein anderer wird angelegt.</translation>
  </message>
  <message>
   <source>Paint some first.</source>
   <translation>Zuerst welche malen.</translation>
  </message>
  <message>
   <source>Paint strokes</source>
   <translation>Striche malen</translation>
  </message>
  <message>
   <source>Paint two classes first.</source>
   <translation>Zuerst zwei Klassen malen.</translation>
  </message>
  <message>
   <source>Paint with the left button. Ctrl or Shift with the wheel, or [ and ]: size. Space or middle button: move the map, also in a stroke. 1 to 9: class. Esc puts it down.</source>
   <translation>Mit der linken Taste malen. Strg oder Umschalt mit dem Rad, oder [ und ]: Größe. Leertaste oder mittlere Taste: Karte verschieben, auch im Strich. 1 bis 9: Klasse. Esc legt ihn weg.</translation>
  </message>
  <message>
   <source>Part to map; empty: everything that the layers cover.</source>
   <translation>Zu kartierender Teil; leer: alles, was die Layer abdecken.</translation>
  </message>
  <message>
   <source>Patience (epochs)</source>
   <translation>Geduld (Epochen)</translation>
  </message>
  <message>
   <source>Paused: maps and trials wait until it goes on or ends.</source>
   <translation>Pause: Karten und Probeläufe warten, bis es weitergeht oder endet.</translation>
  </message>
  <message>
   <source>Pee&amp;k below</source>
   <translation>Dar&amp;unter sehen</translation>
  </message>
  <message>
   <source>Percent</source>
   <translation>Prozent</translation>
  </message>
  <message>
   <source>Pick at least one in Layers.</source>
   <translation>Mindestens einen unter „Layer“ wählen.</translation>
  </message>
  <message>
   <source>Pick at least one layer.</source>
   <translation>Mindestens einen Layer wählen.</translation>
  </message>
  <message>
   <source>Pixels</source>
   <translation>Pixel</translation>
  </message>
  <message>
   <source>Pixels alone, as {model}</source>
   <translation>Nur Pixel, wie {model}</translation>
  </message>
  <message>
   <source>Pixels alone, no model</source>
   <translation>Nur Pixel, kein Modell</translation>
  </message>
  <message>
   <source>Pixels by class</source>
   <translation>Pixel je Klasse</translation>
  </message>
  <message>
   <source>Pixels of a tile's side; smaller takes less memory</source>
   <translation>Pixel einer Kachelseite; kleiner braucht weniger Speicher</translation>
  </message>
  <message>
   <source>Places (JSON)</source>
   <translation>Stellen (JSON)</translation>
  </message>
  <message>
   <source>Places to label</source>
   <translation>Stellen zum Labeln</translation>
  </message>
  <message>
   <source>Places to label next</source>
   <translation>Nächste Stellen zum Labeln</translation>
  </message>
  <message>
   <source>Points need a radius: so many metres around each have its class; 0 is its pixel alone.</source>
   <translation>Punkte brauchen einen Radius: so viele Meter um jeden haben seine Klasse; 0 ist nur sein Pixel.</translation>
  </message>
  <message>
   <source>Polygon</source>
   <translation>Polygon</translation>
  </message>
  <message>
   <source>Polygons</source>
   <translation>Polygone</translation>
  </message>
  <message>
   <source>Polygons in which everything is labelled: what you left free there is a class, 'background'</source>
   <translation>Polygone, in denen alles gelabelt ist: was darin frei blieb, ist eine Klasse, 'background'</translation>
  </message>
  <message>
   <source>Polygons of a land cover map</source>
   <translation>Polygone einer Landbedeckungskarte</translation>
  </message>
  <message>
   <source>Polygons of a layer</source>
   <translation>Polygone eines Layers</translation>
  </message>
  <message>
   <source>Polygons of different classes overlap by {area} m², most of {names}: the later ones count there.</source>
   <translation>Polygone verschiedener Klassen überlappen sich um {area} m², am meisten {names}: dort zählen die späteren.</translation>
  </message>
  <message>
   <source>Polygons with a text field 'role': train, validation or test</source>
   <translation>Polygone mit einem Textfeld 'role': train, validation oder test</translation>
  </message>
  <message>
   <source>Polygons, points or a raster of class numbers, in any CRS</source>
   <translation>Polygone, Punkte oder ein Raster von Klassennummern, in jedem KBS</translation>
  </message>
  <message>
   <source>Polygons, points or a raster of class numbers, in any CRS. What has no label is unknown.</source>
   <translation>Polygone, Punkte oder ein Raster von Klassennummern, in jedem KBS. Was kein Label hat, ist unbekannt.</translation>
  </message>
  <message>
   <source>Polygons, points or a raster that say what is where, and what their values mean.</source>
   <translation>Polygone, Punkte oder ein Raster, die sagen, was wo ist, und was ihre Werte bedeuten.</translation>
  </message>
  <message>
   <source>Practice for missing sensors</source>
   <translation>Übung für fehlende Sensoren</translation>
  </message>
  <message>
   <source>Practise all alike</source>
   <translation>Alle gleich üben</translation>
  </message>
  <message>
   <source>Practise hard combinations more</source>
   <translation>Schwere Kombinationen mehr üben</translation>
  </message>
  <message>
   <source>Practise weak sensors more</source>
   <translation>Schwache Sensoren mehr üben</translation>
  </message>
  <message>
   <source>Precision</source>
   <translation>Genauigkeit</translation>
  </message>
  <message>
   <source>Preparing</source>
   <translation>Vorbereiten</translation>
  </message>
  <message>
   <source>Preparing the model: once for such sensors and outputs, kept for later</source>
   <translation>Das Modell wird vorbereitet: einmal für solche Sensoren und Ausgaben, für später behalten</translation>
  </message>
  <message>
   <source>Prev&amp;iew</source>
   <translation>V&amp;orschau</translation>
  </message>
  <message>
   <source>Preview</source>
   <translation>Vorschau</translation>
  </message>
  <message>
   <source>Preview again whenever the map is moved or zoomed</source>
   <translation>Die Vorschau erneuern, wann immer die Karte bewegt oder gezoomt wird</translation>
  </message>
  <message>
   <source>Previewing…</source>
   <translation>Vorschau …</translation>
  </message>
  <message>
   <source>Processor</source>
   <translation>Prozessor</translation>
  </message>
  <message>
   <source>Processor cores used</source>
   <translation>Genutzte Prozessorkerne</translation>
  </message>
  <message>
   <source>Processor threads</source>
   <translation>Prozessor-Threads</translation>
  </message>
  <message>
   <source>Processor threads a run may use</source>
   <translation>Prozessor-Threads, die ein Lauf nutzen darf</translation>
  </message>
  <message>
   <source>Propose areas</source>
   <translation>Gebiete vorschlagen</translation>
  </message>
  <message>
   <source>Propose areas from where the labels are</source>
   <translation>Gebiete nach der Lage der Labels vorschlagen</translation>
  </message>
  <message>
   <source>Python</source>
   <translation>Python</translation>
  </message>
  <message>
   <source>Python of the engine</source>
   <translation>Python des Rechenkerns</translation>
  </message>
  <message>
   <source>Python to start from</source>
   <translation>Python, von dem ausgegangen wird</translation>
  </message>
  <message>
   <source>Python {version} ({path}), build {build}: downloads about {download}, takes {disk} on disk.</source>
   <translation>Python {version} ({path}), Fassung {build}: lädt etwa {download}, braucht {disk} Platz.</translation>
  </message>
  <message>
   <source>QGIS could not write it</source>
   <translation>QGIS konnte es nicht schreiben</translation>
  </message>
  <message>
   <source>Queue this run behind the one that goes on</source>
   <translation>Diesen Lauf hinter dem laufenden anstellen</translation>
  </message>
  <message>
   <source>R&amp;un</source>
   <translation>&amp;Starten</translation>
  </message>
  <message>
   <source>Ra&amp;dius of points</source>
   <translation>&amp;Radius der Punkte</translation>
  </message>
  <message>
   <source>Radius of points (metres)</source>
   <translation>Radius der Punkte (Meter)</translation>
  </message>
  <message>
   <source>Ranked places over the map of a model; the first is the most useful.</source>
   <translation>Stellen mit Rang über der Karte eines Modells; die erste ist die nützlichste.</translation>
  </message>
  <message>
   <source>Raster of classes</source>
   <translation>Klassenraster</translation>
  </message>
  <message>
   <source>Read past runs</source>
   <translation>Frühere Läufe lesen</translation>
  </message>
  <message>
   <source>Reading labels</source>
   <translation>Labels werden gelesen</translation>
  </message>
  <message>
   <source>Reading statistics</source>
   <translation>Statistik wird gelesen</translation>
  </message>
  <message>
   <source>Reading validation data</source>
   <translation>Validierungsdaten werden gelesen</translation>
  </message>
  <message>
   <source>Rectangle</source>
   <translation>Rechteck</translation>
  </message>
  <message>
   <source>Redo</source>
   <translation>Wiederherstellen</translation>
  </message>
  <message>
   <source>Reference</source>
   <translation>Referenz</translation>
  </message>
  <message>
   <source>Reliability diagram</source>
   <translation>Zuverlässigkeitsdiagramm</translation>
  </message>
  <message>
   <source>Remove class</source>
   <translation>Klasse entfernen</translation>
  </message>
  <message>
   <source>Remove the chosen class with its strokes; Undo brings the strokes back</source>
   <translation>Die gewählte Klasse mit ihren Strichen entfernen; „Rückgängig“ bringt die Striche zurück</translation>
  </message>
  <message>
   <source>Render {layer}</source>
   <translation>{layer} zeichnen</translation>
  </message>
  <message>
   <source>Rendering {layer}</source>
   <translation>{layer} wird gezeichnet</translation>
  </message>
  <message>
   <source>Repair its source, or remove it.</source>
   <translation>Seine Quelle reparieren, oder ihn entfernen.</translation>
  </message>
  <message>
   <source>Replace a model that is there</source>
   <translation>Vorhandenes Modell ersetzen</translation>
  </message>
  <message>
   <source>Replace the model that has this id: {title}</source>
   <translation>Das Modell mit dieser Kennung ersetzen: {title}</translation>
  </message>
  <message>
   <source>Report</source>
   <translation>Bericht</translation>
  </message>
  <message>
   <source>Report: {name}</source>
   <translation>Bericht: {name}</translation>
  </message>
  <message>
   <source>Res&amp;ume</source>
   <translation>&amp;Fortsetzen</translation>
  </message>
  <message>
   <source>Rese&amp;t meanings</source>
   <translation>Bede&amp;utungen zurücksetzen</translation>
  </message>
  <message>
   <source>Resolutio&amp;n</source>
   <translation>A&amp;uflösung</translation>
  </message>
  <message>
   <source>Resolution</source>
   <translation>Auflösung</translation>
  </message>
  <message>
   <source>Resolution (ground metres)</source>
   <translation>Auflösung (Meter am Boden)</translation>
  </message>
  <message>
   <source>Resolution in metres</source>
   <translation>Auflösung in Metern</translation>
  </message>
  <message>
   <source>Resolution:</source>
   <translation>Auflösung:</translation>
  </message>
  <message>
   <source>Result</source>
   <translation>Ergebnis</translation>
  </message>
  <message>
   <source>Resume</source>
   <translation>Fortsetzen</translation>
  </message>
  <message>
   <source>Resume goes on with it where it was stopped.</source>
   <translation>„Fortsetzen“ macht dort weiter, wo er angehalten wurde.</translation>
  </message>
  <message>
   <source>Right</source>
   <translation>Richtig</translation>
  </message>
  <message>
   <source>Role</source>
   <translation>Rolle</translation>
  </message>
  <message>
   <source>Room needed between areas: {metres:.3g} m</source>
   <translation>Nötiger Abstand zwischen Gebieten: {metres:.3g} m</translation>
  </message>
  <message>
   <source>Rounds through the labels, at most</source>
   <translation>Durchgänge durch die Labels, höchstens</translation>
  </message>
  <message>
   <source>Rounds through the labels, at most. Empty: the usual number.</source>
   <translation>Durchgänge durch die Labels, höchstens. Leer: die übliche Zahl.</translation>
  </message>
  <message>
   <source>Rows: what it is. Columns: what it was mapped as. Click a cell: the map goes there and frames the place.</source>
   <translation>Zeilen: was es ist. Spalten: als was es kartiert wurde. Zelle anklicken: Die Karte geht zur Stelle und umrahmt sie.</translation>
  </message>
  <message>
   <source>Run</source>
   <translation>Lauf</translation>
  </message>
  <message>
   <source>Run a&amp;gain</source>
   <translation>Noch ein&amp;mal</translation>
  </message>
  <message>
   <source>Run it again.</source>
   <translation>Den Lauf wiederholen.</translation>
  </message>
  <message>
   <source>Run on the whole area</source>
   <translation>Ganzes Gebiet kartieren</translation>
  </message>
  <message>
   <source>Run: {parts}</source>
   <translation>Lauf: {parts}</translation>
  </message>
  <message>
   <source>Runs that wait: {count}</source>
   <translation>Wartende Läufe: {count}</translation>
  </message>
  <message>
   <source>S&amp;tart the training</source>
   <translation>Training s&amp;tarten</translation>
  </message>
  <message>
   <source>S&amp;top</source>
   <translation>Anhal&amp;ten</translation>
  </message>
  <message>
   <source>SGMA land cover</source>
   <translation>SGMA Landbedeckung</translation>
  </message>
  <message>
   <source>Save</source>
   <translation>Speichern</translation>
  </message>
  <message>
   <source>Save as model</source>
   <translation>Als Modell speichern</translation>
  </message>
  <message>
   <source>Save as model…</source>
   <translation>Als Modell …</translation>
  </message>
  <message>
   <source>Save it as a GeoTIFF (Export &gt; Save As), or leave the row empty.</source>
   <translation>Ihn als GeoTIFF speichern (Export &gt; Speichern als), oder die Zeile leer lassen.</translation>
  </message>
  <message>
   <source>Save its edits, then accept again.</source>
   <translation>Seine Änderungen speichern, dann noch einmal annehmen.</translation>
  </message>
  <message>
   <source>Save its edits, then paint on.</source>
   <translation>Seine Änderungen speichern, dann weitermalen.</translation>
  </message>
  <message>
   <source>Save the project in a folder that you may write to.</source>
   <translation>Das Projekt in einem Ordner speichern, in den geschrieben werden darf.</translation>
  </message>
  <message>
   <source>Sc&amp;ore</source>
   <translation>Ma&amp;ß</translation>
  </message>
  <message>
   <source>Scores on the test areas (JSON)</source>
   <translation>Werte in den Testgebieten (JSON)</translation>
  </message>
  <message>
   <source>Seed</source>
   <translation>Startwert</translation>
  </message>
  <message>
   <source>Segmentation</source>
   <translation>Segmentierung</translation>
  </message>
  <message>
   <source>Segmenting</source>
   <translation>Segmentieren</translation>
  </message>
  <message>
   <source>Selected features only</source>
   <translation>Nur gewählte Objekte</translation>
  </message>
  <message>
   <source>Sensor</source>
   <translation>Sensor</translation>
  </message>
  <message>
   <source>Sensor layers</source>
   <translation>Sensorlayer</translation>
  </message>
  <message>
   <source>Sensors</source>
   <translation>Sensoren</translation>
  </message>
  <message>
   <source>Sensors available</source>
   <translation>Verfügbarkeit</translation>
  </message>
  <message>
   <source>Sensors:</source>
   <translation>Sensoren:</translation>
  </message>
  <message>
   <source>Set all as it was when it began to go on with it, start afresh, </source>
   <translation>Zum Weitermachen alles so einstellen, wie es am Anfang war, oder neu beginnen, </translation>
  </message>
  <message>
   <source>Set up</source>
   <translation>Setup</translation>
  </message>
  <message>
   <source>Share of the map covered by {sensor} (percent)</source>
   <translation>Von {sensor} abgedeckter Anteil der Karte (Prozent)</translation>
  </message>
  <message>
   <source>Show</source>
   <translation>Zeigen</translation>
  </message>
  <message>
   <source>Show on the map</source>
   <translation>Auf der Karte zeigen</translation>
  </message>
  <message>
   <source>Show the files</source>
   <translation>Die Dateien zeigen</translation>
  </message>
  <message>
   <source>Show the folder</source>
   <translation>Den Ordner zeigen</translation>
  </message>
  <message>
   <source>Show what pip says</source>
   <translation>Zeigen, was pip sagt</translation>
  </message>
  <message>
   <source>Shows the card of a model: its classes, the sensors it takes, the resolutions it was made for, and its measured accuracy for each combination of sensors. Without a model it lists those that are installed.

The card is also returned as JSON text in the output CARD.</source>
   <translation>Zeigt die Karte eines Modells: seine Klassen, die Sensoren, die es nimmt, die Auflösungen, für die es gemacht ist, und seine gemessene Genauigkeit für jede Kombination von Sensoren. Ohne Modell nennt es die installierten.

Die Karte steht auch als JSON-Text in der Ausgabe CARD.</translation>
  </message>
  <message>
   <source>Shows whether the engine that computes is installed, and on which device it runs.</source>
   <translation>Zeigt, ob der Rechenkern installiert ist und auf welchem Gerät er läuft.</translation>
  </message>
  <message>
   <source>Side of a chip (pixels)</source>
   <translation>Seite eines Chips (Pixel)</translation>
  </message>
  <message>
   <source>Side of a square (metres)</source>
   <translation>Seite eines Quadrats (Meter)</translation>
  </message>
  <message>
   <source>Side of a training crop (pixels)</source>
   <translation>Seite eines Trainingsausschnitts (Pixel)</translation>
  </message>
  <message>
   <source>Side of training crops. So much room stays between areas: a small place needs smaller ones.</source>
   <translation>Seite der Trainingsausschnitte. So viel Abstand bleibt zwischen Gebieten: ein kleiner Ort braucht kleinere.</translation>
  </message>
  <message>
   <source>Simplify by</source>
   <translation>Vereinfachen um</translation>
  </message>
  <message>
   <source>Simplify polygons (metres)</source>
   <translation>Polygone vereinfachen (Meter)</translation>
  </message>
  <message>
   <source>Slivers, narrower than a pixel ({pixel:.2g} m): {count} polygons; few pixels learn from them.</source>
   <translation>Splitter, schmaler als ein Pixel ({pixel:.2g} m): {count} Polygone; wenige Pixel lernen aus ihnen.</translation>
  </message>
  <message>
   <source>Smaller ones take the class of their longest border; the raster stays as it is.</source>
   <translation>Kleinere nehmen die Klasse ihrer längsten Grenze an; das Raster bleibt, wie es ist.</translation>
  </message>
  <message>
   <source>Smaller polygons go into a neighbour</source>
   <translation>Kleinere Polygone gehen in einem Nachbarn auf</translation>
  </message>
  <message>
   <source>Smaller than the side: chips overlap. Empty: the side.</source>
   <translation>Kleiner als die Seite: Chips überlappen sich. Leer: die Seite.</translation>
  </message>
  <message>
   <source>Smaller training crops may leave room for one: lower them, then propose again.</source>
   <translation>Kleinere Trainingsausschnitte lassen vielleicht Platz für eines: sie verkleinern, dann neu vorschlagen.</translation>
  </message>
  <message>
   <source>Smallest area</source>
   <translation>Kleinste Fläche</translation>
  </message>
  <message>
   <source>Smallest polygon (square metres)</source>
   <translation>Kleinstes Polygon (Quadratmeter)</translation>
  </message>
  <message>
   <source>So many features that only {count} near the layers were looked at; counts and areas are theirs.</source>
   <translation>So viele Objekte, dass nur {count} bei den Layern angesehen wurden; Zahlen und Flächen gelten für sie.</translation>
  </message>
  <message>
   <source>So much ground around a point has its class; 0: its pixel alone</source>
   <translation>So weit um einen Punkt gilt seine Klasse; 0: nur in seinem Pixel</translation>
  </message>
  <message>
   <source>So much ground around a point has its class; 0: its pixel. Needed for points.</source>
   <translation>So weit um einen Punkt gilt seine Klasse; 0: in seinem Pixel. Für Punkte nötig.</translation>
  </message>
  <message>
   <source>Some scores rest on few pixels and say little: {classes}.</source>
   <translation>Einige Werte beruhen auf wenigen Pixeln und sagen wenig: {classes}.</translation>
  </message>
  <message>
   <source>Squares</source>
   <translation>Quadrate</translation>
  </message>
  <message>
   <source>Start &amp;afresh</source>
   <translation>Von vorn &amp;anfangen</translation>
  </message>
  <message>
   <source>Start from</source>
   <translation>Ausgang</translation>
  </message>
  <message>
   <source>Started from</source>
   <translation>Ausgangsmodell</translation>
  </message>
  <message>
   <source>Starting</source>
   <translation>Starten</translation>
  </message>
  <message>
   <source>Starting the engine</source>
   <translation>Der Rechenkern wird gestartet</translation>
  </message>
  <message>
   <source>Starting the new engine</source>
   <translation>Der neue Rechenkern wird gestartet</translation>
  </message>
  <message>
   <source>Starting…</source>
   <translation>Wird gestartet …</translation>
  </message>
  <message>
   <source>Starts from: {title}</source>
   <translation>Ausgangsmodell: {title}</translation>
  </message>
  <message>
   <source>State (JSON)</source>
   <translation>Zustand (JSON)</translation>
  </message>
  <message>
   <source>Steps are cut into {count} pieces, to fit into memory.</source>
   <translation>Schritte werden in {count} Stücke geteilt, damit sie in den Speicher passen.</translation>
  </message>
  <message>
   <source>Stop</source>
   <translation>Anhalten</translation>
  </message>
  <message>
   <source>Stop; finished parts are kept, and Resume goes on after them</source>
   <translation>Anhalten; fertige Teile bleiben erhalten, „Fortsetzen“ macht danach weiter</translation>
  </message>
  <message>
   <source>Stopping</source>
   <translation>Wird angehalten</translation>
  </message>
  <message>
   <source>Stopping: the parts in work are finished and kept…</source>
   <translation>Wird angehalten: angefangene Teile werden fertig und bleiben …</translation>
  </message>
  <message>
   <source>Strokes</source>
   <translation>Striche</translation>
  </message>
  <message>
   <source>Strokes are kept in {path}.</source>
   <translation>Striche werden in {path} aufgehoben.</translation>
  </message>
  <message>
   <source>Strokes of an earlier session are here again: {path}</source>
   <translation>Striche einer früheren Sitzung sind wieder da: {path}</translation>
  </message>
  <message>
   <source>Strokes on pixels alone</source>
   <translation>Striche, nur Pixel</translation>
  </message>
  <message>
   <source>T&amp;hreads</source>
   <translation>T&amp;hreads</translation>
  </message>
  <message>
   <source>Take all strokes off; Undo brings them back</source>
   <translation>Alle Striche wegnehmen; „Rückgängig“ bringt sie zurück</translation>
  </message>
  <message>
   <source>Take as class &amp;numbers</source>
   <translation>Als &amp;Nummern nehmen</translation>
  </message>
  <message>
   <source>Take away what you will not draw; add classes that the model shall learn</source>
   <translation>Wegnehmen, was nicht gezeichnet wird; Klassen hinzufügen, die das Modell lernen soll</translation>
  </message>
  <message>
   <source>Take strokes off where you paint.</source>
   <translation>Nimmt Striche weg, wo gemalt wird.</translation>
  </message>
  <message>
   <source>Take the brush and paint some of each class: the map follows.</source>
   <translation>Den Pinsel nehmen und von jeder Klasse etwas malen: die Karte folgt.</translation>
  </message>
  <message>
   <source>Take the classes of the model, or of a layer of labels</source>
   <translation>Die Klassen des Modells nehmen, oder die eines Layers mit Labels</translation>
  </message>
  <message>
   <source>Take the last stroke back (Ctrl+Z)</source>
   <translation>Den letzten Strich zurücknehmen (Strg+Z)</translation>
  </message>
  <message>
   <source>Take this run off the list; its files stay</source>
   <translation>Diesen Lauf von der Liste nehmen; seine Dateien bleiben</translation>
  </message>
  <message>
   <source>Takes a few steps and tells memory and time; writes nothing</source>
   <translation>Macht ein paar Schritte und nennt Speicher und Zeit; schreibt nichts</translation>
  </message>
  <message>
   <source>Takes about {size} in {folder}, where {free} are free.</source>
   <translation>Braucht etwa {size} in {folder}, wo {free} frei sind.</translation>
  </message>
  <message>
   <source>Teach a model classes and a landscape that it does not know, from your labels</source>
   <translation>Ein Modell mit eigenen Labels Klassen und eine Landschaft lehren, die es nicht kennt</translation>
  </message>
  <message>
   <source>Tells what a land cover run with these layers would read, without running it: the grid of the map, how much of it each layer covers, which bands and units are taken, and what may harm the result. Parameters are those of 'Land cover from sensor layers'.</source>
   <translation>Sagt, was ein Lauf mit diesen Layern lesen würde, ohne ihn zu starten: das Gitter der Karte, wie viel jeder Layer davon abdeckt, welche Kanäle und Einheiten genommen werden, und was dem Ergebnis schaden kann. Die Parameter sind die von „Landbedeckung aus Sensorlayern“.</translation>
  </message>
  <message>
   <source>Test</source>
   <translation>Test</translation>
  </message>
  <message>
   <source>The area cannot be shown in {crs}.</source>
   <translation>Das Gebiet lässt sich in {crs} nicht darstellen.</translation>
  </message>
  <message>
   <source>The area is empty.</source>
   <translation>Das Gebiet ist leer.</translation>
  </message>
  <message>
   <source>The area to draw is empty.</source>
   <translation>Das zu zeichnende Gebiet ist leer.</translation>
  </message>
  <message>
   <source>The areas for {one} and {other} overlap by {area} m²: draw them apart, else the accuracy says nothing.</source>
   <translation>Die Gebiete für {one} und {other} überlappen sich um {area} m²: sie getrennt zeichnen, sonst sagt die Genauigkeit nichts.</translation>
  </message>
  <message>
   <source>The call of qgis_process that trains the same, for a terminal or script</source>
   <translation>Der Aufruf von qgis_process, der dasselbe trainiert, für Terminal oder Skript</translation>
  </message>
  <message>
   <source>The card of a model keeps the mean alone.</source>
   <translation>Die Karte eines Modells behält nur das Mittel.</translation>
  </message>
  <message>
   <source>The command is in the clipboard.</source>
   <translation>Der Befehl ist in der Zwischenablage.</translation>
  </message>
  <message>
   <source>The dock maps what the canvas shows.</source>
   <translation>Das Dock kartiert den Kartenausschnitt.</translation>
  </message>
  <message>
   <source>The engine ended; it is started again…</source>
   <translation>Der Rechenkern endete; er wird neu gestartet …</translation>
  </message>
  <message>
   <source>The engine gets an environment of its own that is made from this Python, 3.11–3.14</source>
   <translation>Der Rechenkern bekommt eine eigene Umgebung, die aus diesem Python gemacht wird, 3.11–3.14</translation>
  </message>
  <message>
   <source>The engine is installed.</source>
   <translation>Der Rechenkern ist installiert.</translation>
  </message>
  <message>
   <source>The engine is not installed.</source>
   <translation>Der Rechenkern ist nicht installiert.</translation>
  </message>
  <message>
   <source>The engine that computes, a Python with torch and other libraries, is not part of QGIS.

status tells whether it is there and complete. verify starts it, and tells versions and devices; it fails when the engine does not work. install makes it in the data folder from the Python given or found (3.11 to 3.14): libraries are downloaded in locked versions, each checked by its checksum, or taken from a folder of wheels. An engine that is there stays until the new one has answered.</source>
   <translation>Der Rechenkern, ein Python mit torch und anderen Bibliotheken, ist kein Teil von QGIS.

status sagt, ob er da und vollständig ist. verify startet ihn und nennt Versionen und Geräte; es schlägt fehl, wenn er nicht arbeitet. install legt ihn im Datenordner an, aus dem genannten oder gefundenen Python (3.11 bis 3.14): Bibliotheken werden in festgelegten Versionen heruntergeladen, jede an ihrer Prüfsumme geprüft, oder aus einem Ordner mit Wheels genommen. Ein vorhandener Rechenkern bleibt, bis der neue geantwortet hat.</translation>
  </message>
  <message>
   <source>The engine {python} is complete (torch {version}).</source>
   <translation>Der Rechenkern {python} ist vollständig (torch {version}).</translation>
  </message>
  <message>
   <source>The engine {python} lacks {what}.</source>
   <translation>Dem Rechenkern {python} fehlt: {what}.</translation>
  </message>
  <message>
   <source>The environment variable SGMA_DATA_DIR names it; so it cannot be moved here.</source>
   <translation>Die Umgebungsvariable SGMA_DATA_DIR nennt ihn; darum kann er hier nicht verschoben werden.</translation>
  </message>
  <message>
   <source>The field that holds the class</source>
   <translation>Das Feld, das die Klasse enthält</translation>
  </message>
  <message>
   <source>The files are temporary: they are gone when QGIS is closed.</source>
   <translation>Die Dateien sind temporär: Sie sind weg, wenn QGIS geschlossen wird.</translation>
  </message>
  <message>
   <source>The finest layer has {own:g} m; the model was made for {least:g} m and coarser.</source>
   <translation>Der feinste Layer hat {own:g} m; das Modell ist für {least:g} m und gröber gemacht.</translation>
  </message>
  <message>
   <source>The finest layer has {own:g} m; the model was made for {most:g} m and finer.</source>
   <translation>Der feinste Layer hat {own:g} m; das Modell ist für {most:g} m und feiner gemacht.</translation>
  </message>
  <message>
   <source>The folder {folder} cannot be made: {reason}.</source>
   <translation>Der Ordner {folder} kann nicht angelegt werden: {reason}.</translation>
  </message>
  <message>
   <source>The folder {folder} does not exist.</source>
   <translation>Den Ordner {folder} gibt es nicht.</translation>
  </message>
  <message>
   <source>The folder {folder} will be made.</source>
   <translation>Der Ordner {folder} wird angelegt.</translation>
  </message>
  <message>
   <source>The id is made of small letters, digits and . _ - and begins with a letter or digit.</source>
   <translation>Die Kennung besteht aus kleinen Buchstaben, Ziffern und . _ - und beginnt mit Buchstabe oder Ziffer.</translation>
  </message>
  <message>
   <source>The labels are in {own}, the layers in {other}: they are reprojected where they are read.</source>
   <translation>Die Labels sind in {own}, die Layer in {other}: sie werden beim Lesen umprojiziert.</translation>
  </message>
  <message>
   <source>The land cover map: always written</source>
   <translation>Die Karte der Landbedeckung: wird immer geschrieben</translation>
  </message>
  <message>
   <source>The largest of the changes:</source>
   <translation>Die größten Änderungen:</translation>
  </message>
  <message>
   <source>The layer of strokes is gone.</source>
   <translation>Der Layer der Striche ist weg.</translation>
  </message>
  <message>
   <source>The layer of strokes was removed; its file stays: {path}</source>
   <translation>Der Layer der Striche wurde entfernt; seine Datei bleibt: {path}</translation>
  </message>
  <message>
   <source>The layer of {sensors} is no longer in the project.</source>
   <translation>Der Layer von {sensors} ist nicht mehr im Projekt.</translation>
  </message>
  <message>
   <source>The layer of {sensors} is no longer in the project: choose another, or leave the row empty.</source>
   <translation>Der Layer von {sensors} ist nicht mehr im Projekt: einen anderen wählen, oder die Zeile leer lassen.</translation>
  </message>
  <message>
   <source>The layer with the areas is no longer in the project: choose another, or propose new ones.</source>
   <translation>Der Layer mit den Gebieten ist nicht mehr im Projekt: einen anderen wählen, oder neue vorschlagen.</translation>
  </message>
  <message>
   <source>The layer with the labelled area is no longer in the project: choose another, or none.</source>
   <translation>Der Layer mit dem gelabelten Gebiet ist nicht mehr im Projekt: einen anderen wählen, oder keinen.</translation>
  </message>
  <message>
   <source>The layer with your labels is no longer in the project: choose another.</source>
   <translation>Der Layer mit den Labels ist nicht mehr im Projekt: einen anderen wählen.</translation>
  </message>
  <message>
   <source>The layer with {what} is no longer in the project.</source>
   <translation>Der Layer mit {what} ist nicht mehr im Projekt.</translation>
  </message>
  <message>
   <source>The layer {name} was removed; {sensor} is no longer used.</source>
   <translation>Der Layer {name} wurde entfernt; {sensor} wird nicht mehr benutzt.</translation>
  </message>
  <message>
   <source>The look at the layers was cancelled: change a choice to look again.</source>
   <translation>Das Ansehen der Layer wurde abgebrochen: Ändern Sie eine Wahl, damit es wieder beginnt.</translation>
  </message>
  <message>
   <source>The map as polygons with areas and mean confidence</source>
   <translation>Die Karte als Polygone mit Flächen und mittlerer Sicherheit</translation>
  </message>
  <message>
   <source>The map is less than {percent} % sure at the cross.</source>
   <translation>Am Kreuz ist die Karte zu weniger als {percent} % sicher.</translation>
  </message>
  <message>
   <source>The map is not there any more.</source>
   <translation>Die Karte ist nicht mehr da.</translation>
  </message>
  <message>
   <source>The map is sure of itself everywhere in the view.</source>
   <translation>Die Karte ist sich in der ganzen Ansicht sicher.</translation>
  </message>
  <message>
   <source>The map shows nothing.</source>
   <translation>Die Karte zeigt nichts.</translation>
  </message>
  <message>
   <source>The model is not among your models yet. With Finish alone it stays in {folder}: there the dock finds it, with Add model… and its {file}.</source>
   <translation>Das Modell ist noch nicht unter Ihren Modellen. Mit „Fertig“ allein bleibt es in {folder}: Dort findet es das Dock mit „Hinzufügen …“ und seiner {file}.</translation>
  </message>
  <message>
   <source>The model knows {sensors} only: pick a layer for one of them, or start from another model.</source>
   <translation>Das Modell kennt nur {sensors}: für eines davon einen Layer wählen, oder von einem anderen Modell ausgehen.</translation>
  </message>
  <message>
   <source>The model learns from your labels. You can close this window: the training goes on.</source>
   <translation>Das Modell lernt aus den Labels. Das Fenster kann geschlossen werden: das Training läuft weiter.</translation>
  </message>
  <message>
   <source>The model that maps: it decides the classes and the sensors that can be used.</source>
   <translation>Das Modell, das kartiert: es bestimmt die Klassen und die brauchbaren Sensoren.</translation>
  </message>
  <message>
   <source>The model was made for {least:g} to {most:g} m: results may be poor.</source>
   <translation>Das Modell ist für {least:g} bis {most:g} m gemacht: das Ergebnis kann schlecht sein.</translation>
  </message>
  <message>
   <source>The model was written to {file}</source>
   <translation>Das Modell wurde geschrieben nach {file}</translation>
  </message>
  <message>
   <source>The model {name} is not installed.</source>
   <translation>Das Modell {name} ist nicht installiert.</translation>
  </message>
  <message>
   <source>The model {title} is there.</source>
   <translation>Das Modell {title} ist da.</translation>
  </message>
  <message>
   <source>The model's card:</source>
   <translation>Die Karte des Modells:</translation>
  </message>
  <message>
   <source>The name {name} holds a folder.</source>
   <translation>Der Name {name} enthält einen Ordner.</translation>
  </message>
  <message>
   <source>The new model has no folder.</source>
   <translation>Das neue Modell hat keinen Ordner.</translation>
  </message>
  <message>
   <source>The new model has the new classes alone.</source>
   <translation>Das neue Modell hat nur die neuen Klassen.</translation>
  </message>
  <message>
   <source>The new model is a folder of this name</source>
   <translation>Das neue Modell ist ein Ordner dieses Namens</translation>
  </message>
  <message>
   <source>The new model with {sensors}:</source>
   <translation>Das neue Modell mit {sensors}:</translation>
  </message>
  <message>
   <source>The objects could not be kept ({reason}).</source>
   <translation>Die Objekte ließen sich nicht aufheben ({reason}).</translation>
  </message>
  <message>
   <source>The picture of {layer} would have {width} x {height} pixels.</source>
   <translation>Das Bild von {layer} hätte {width} x {height} Pixel.</translation>
  </message>
  <message>
   <source>The project has no coordinate reference system, and the layers have not one in common.</source>
   <translation>Das Projekt hat kein Koordinatenbezugssystem, und die Layer haben kein gemeinsames.</translation>
  </message>
  <message>
   <source>The rectangle around this layer is mapped</source>
   <translation>Das Rechteck um diesen Layer wird kartiert</translation>
  </message>
  <message>
   <source>The same in a terminal or script:</source>
   <translation>Dasselbe in Terminal oder Skript:</translation>
  </message>
  <message>
   <source>The same layers, model, area and options once more</source>
   <translation>Dieselben Layer, dasselbe Modell, Gebiet und dieselben Optionen noch einmal</translation>
  </message>
  <message>
   <source>The same number gives the same model again</source>
   <translation>Dieselbe Zahl gibt dasselbe Modell noch einmal</translation>
  </message>
  <message>
   <source>The same number gives the same model again.</source>
   <translation>Dieselbe Zahl gibt dasselbe Modell noch einmal.</translation>
  </message>
  <message>
   <source>The sensor to leave out</source>
   <translation>Der Sensor, der weggelassen wird</translation>
  </message>
  <message>
   <source>The sensors that the classes are mapped with</source>
   <translation>Die Sensoren, mit denen die Klassen kartiert werden</translation>
  </message>
  <message>
   <source>The settings have changed since a training was interrupted: it cannot go on, start afresh.</source>
   <translation>Die Einstellungen haben sich geändert, seit ein Training unterbrochen wurde: es kann nicht weitergehen, von vorn anfangen.</translation>
  </message>
  <message>
   <source>The settings have changed since this training began: it goes on with those that it began with.</source>
   <translation>Die Einstellungen haben sich geändert, seit dieses Training begann: es läuft mit denen weiter, mit denen es begann.</translation>
  </message>
  <message>
   <source>The settings have changed since this training, or it was another one's: train again, which replaces the model {title}, or name another folder on the page Model and budget.</source>
   <translation>Die Einstellungen haben sich seit diesem Training geändert, oder es war ein fremdes: noch einmal trainieren, was das Modell {title} ersetzt, oder auf der Seite „Modell und Aufwand“ einen anderen Ordner nennen.</translation>
  </message>
  <message>
   <source>The stroke could not be kept in {file} ({reason}).</source>
   <translation>Der Strich ließ sich nicht in {file} aufheben ({reason}).</translation>
  </message>
  <message>
   <source>The stroke lies beyond the CRS of the strokes.</source>
   <translation>Der Strich liegt außerhalb des KBS der Striche.</translation>
  </message>
  <message>
   <source>The stroke lies outside the layers: nothing is learned from it.</source>
   <translation>Der Strich liegt außerhalb der Layer: Aus ihm wird nichts gelernt.</translation>
  </message>
  <message>
   <source>The strokes before count no more; they stay in layer {layer}, which is hidden.</source>
   <translation>Die Striche davor zählen nicht mehr; sie bleiben im Layer {layer}, der ausgeblendet ist.</translation>
  </message>
  <message>
   <source>The strokes lost their field {field}: they count no more and stay in layer {layer}, which is hidden.</source>
   <translation>Die Striche haben ihr Feld {field} verloren: Sie zählen nicht mehr und bleiben im Layer {layer}, der ausgeblendet ist.</translation>
  </message>
  <message>
   <source>The training areas hold labels of one class only, {name}: make them larger, or label more there.</source>
   <translation>Die Trainingsgebiete enthalten nur Labels einer Klasse, {name}: sie vergrößern, oder dort mehr labeln.</translation>
  </message>
  <message>
   <source>The training has come to its end.</source>
   <translation>Das Training ist zu Ende.</translation>
  </message>
  <message>
   <source>The training is paused: maps wait for it.</source>
   <translation>Das Training pausiert: Karten warten darauf.</translation>
  </message>
  <message>
   <source>The values are the numbers that the model's own maps have for its classes</source>
   <translation>Die Werte sind die Nummern, die Karten des Modells für seine Klassen haben</translation>
  </message>
  <message>
   <source>The {role} areas hold little of {names}: accuracy there says little about that.</source>
   <translation>In den Gebieten für {role} ist wenig {names}: die Genauigkeit dort sagt darüber wenig.</translation>
  </message>
  <message>
   <source>The {role} areas hold no label: move them to where labels are, or take them away.</source>
   <translation>Die Gebiete für {role} enthalten kein Label: sie dorthin verschieben, wo Labels sind, oder sie wegnehmen.</translation>
  </message>
  <message>
   <source>Their side, and the room left between areas; a small scene needs smaller ones. Empty: 128.</source>
   <translation>Ihre Seite und der Abstand zwischen Gebieten; eine kleine Szene braucht kleinere. Leer: 128.</translation>
  </message>
  <message>
   <source>Then click on the map: the tiles there are computed again, as in the run</source>
   <translation>Dann auf die Karte klicken: die Kacheln dort werden neu gerechnet, wie im Lauf</translation>
  </message>
  <message>
   <source>There are no strokes.</source>
   <translation>Es gibt keine Striche.</translation>
  </message>
  <message>
   <source>There are too many polygons to look for overlaps.</source>
   <translation>Es sind zu viele Polygone, um nach Überlappungen zu suchen.</translation>
  </message>
  <message>
   <source>There is a model of that name already: training again replaces it.</source>
   <translation>Ein Modell dieses Namens gibt es schon: neues Training ersetzt es.</translation>
  </message>
  <message>
   <source>There is a model {name} already.</source>
   <translation>Ein Modell {name} gibt es schon.</translation>
  </message>
  <message>
   <source>There is no area for training in {layer}.</source>
   <translation>In {layer} gibt es kein Gebiet für das Training.</translation>
  </message>
  <message>
   <source>There is no map of the strokes yet.</source>
   <translation>Es gibt noch keine Karte der Striche.</translation>
  </message>
  <message>
   <source>There is no model in {folder}.</source>
   <translation>In {folder} ist kein Modell.</translation>
  </message>
  <message>
   <source>These pixels are right.</source>
   <translation>Diese Pixel sind richtig.</translation>
  </message>
  <message>
   <source>These strokes are open already.</source>
   <translation>Diese Striche sind schon offen.</translation>
  </message>
  <message>
   <source>This does not hold here: your pixels are {gsd:g} m, the model was made for {least:g} to {most:g} m.</source>
   <translation>Das gilt hier nicht: Ihre Pixel messen {gsd:g} m, das Modell ist für {least:g} bis {most:g} m gemacht.</translation>
  </message>
  <message>
   <source>This needs two sensors or more.</source>
   <translation>Das braucht zwei Sensoren oder mehr.</translation>
  </message>
  <message>
   <source>This place lies outside the result {name}.</source>
   <translation>Diese Stelle liegt außerhalb des Ergebnisses {name}.</translation>
  </message>
  <message>
   <source>This raster does not hold whole numbers: labels are numbers of classes.</source>
   <translation>Dieses Raster enthält keine ganzen Zahlen: Labels sind Nummern von Klassen.</translation>
  </message>
  <message>
   <source>Threads</source>
   <translation>Threads</translation>
  </message>
  <message>
   <source>Tick to choose a layer with {sensor}.</source>
   <translation>Haken setzen: einen Layer mit {sensor} wählen.</translation>
  </message>
  <message>
   <source>Tick to use {layer} again.</source>
   <translation>Haken setzen: {layer} wird wieder verwendet.</translation>
  </message>
  <message>
   <source>Tile</source>
   <translation>Kachel</translation>
  </message>
  <message>
   <source>Tile overlap (percent)</source>
   <translation>Überlappung der Kacheln (Prozent)</translation>
  </message>
  <message>
   <source>Tile size (pixels)</source>
   <translation>Kachelgröße (Pixel)</translation>
  </message>
  <message>
   <source>Tiles</source>
   <translation>Kacheln</translation>
  </message>
  <message>
   <source>Tiles at a time</source>
   <translation>Kacheln auf einmal</translation>
  </message>
  <message>
   <source>Tiles computed at a time; halved when memory does not suffice</source>
   <translation>Auf einmal gerechnete Kacheln; halbiert, wenn der Speicher nicht reicht</translation>
  </message>
  <message>
   <source>Tiles computed in this run</source>
   <translation>In diesem Lauf gerechnete Kacheln</translation>
  </message>
  <message>
   <source>Tiles outside the area are not computed.</source>
   <translation>Kacheln außerhalb des Gebiets werden nicht gerechnet.</translation>
  </message>
  <message>
   <source>Tiles: {total}, of which {run} computed now and {resumed} taken from an earlier run; {device}.</source>
   <translation>Kacheln: {total}, davon {run} jetzt gerechnet und {resumed} von einem früheren Lauf; {device}.</translation>
  </message>
  <message>
   <source>Title</source>
   <translation>Titel</translation>
  </message>
  <message>
   <source>To begin, name two classes or more (or take those of the model: From…), then paint some of each.</source>
   <translation>Zuerst zwei Klassen oder mehr benennen (oder die des Modells nehmen: „Aus …“), dann von jeder etwas malen.</translation>
  </message>
  <message>
   <source>To keep a layer, use Export &gt; Save As… in its menu.</source>
   <translation>Einen Layer behalten Sie mit Export &gt; Speichern als… in seinem Menü.</translation>
  </message>
  <message>
   <source>Train</source>
   <translation>Trainieren</translation>
  </message>
  <message>
   <source>Train a model</source>
   <translation>Ein Modell trainieren</translation>
  </message>
  <message>
   <source>Train a model further on your labels</source>
   <translation>Ein Modell mit eigenen Labels weitertrainieren</translation>
  </message>
  <message>
   <source>Train it.</source>
   <translation>Es trainieren.</translation>
  </message>
  <message>
   <source>Trained: mIoU {miou:.3f} (epoch {best} of {last}).</source>
   <translation>Trainiert: mIoU {miou:.3f} (Epoche {best}/{last}).</translation>
  </message>
  <message>
   <source>Trained: none of {last} epochs was better.</source>
   <translation>Trainiert: keine von {last} Epochen war besser.</translation>
  </message>
  <message>
   <source>Training</source>
   <translation>Training</translation>
  </message>
  <message>
   <source>Training &amp;crops</source>
   <translation>Trainings&amp;ausschnitte</translation>
  </message>
  <message>
   <source>Training crops (pixels)</source>
   <translation>Trainingsausschnitte (Pixel)</translation>
  </message>
  <message>
   <source>Training leaves sensors out, so that the model can map where one is missing</source>
   <translation>Das Training lässt Sensoren weg, damit das Modell auch ohne sie kartieren kann</translation>
  </message>
  <message>
   <source>Training leaves sensors out, so that the model can map where one is missing. modality_aware: weak sensors are practised more often; for most data. latent_scenario: combinations that the model finds hard, more often; for three sensors or more. uniform: all alike.</source>
   <translation>Das Training lässt Sensoren weg, damit das Modell auch ohne sie kartieren kann. modality_aware: schwache Sensoren werden öfter geübt; für die meisten Daten. latent_scenario: Kombinationen, die dem Modell schwerfallen, öfter; für drei Sensoren oder mehr. uniform: alle gleich.</translation>
  </message>
  <message>
   <source>Trust</source>
   <translation>Vertrauen</translation>
  </message>
  <message>
   <source>Trust in {sensor}</source>
   <translation>Vertrauen in {sensor}</translation>
  </message>
  <message>
   <source>Trust per sensor</source>
   <translation>Vertrauen je Sensor</translation>
  </message>
  <message>
   <source>Try a training</source>
   <translation>Probelauf eines Trainings</translation>
  </message>
  <message>
   <source>Trying a few steps</source>
   <translation>Ein paar Schritte werden probiert</translation>
  </message>
  <message>
   <source>Type</source>
   <translation>Typ</translation>
  </message>
  <message>
   <source>Uncertainty</source>
   <translation>Unsicherheit</translation>
  </message>
  <message>
   <source>Uncertainty glares where two classes are nearly alike to the map</source>
   <translation>„Unsicherheit“ leuchtet, wo zwei Klassen für die Karte fast gleich sind</translation>
  </message>
  <message>
   <source>Undo</source>
   <translation>Rückgängig</translation>
  </message>
  <message>
   <source>Unit</source>
   <translation>Einheit</translation>
  </message>
  <message>
   <source>Unit: {unit}.</source>
   <translation>Einheit: {unit}.</translation>
  </message>
  <message>
   <source>Units</source>
   <translation>Einheiten</translation>
  </message>
  <message>
   <source>Units it may have:</source>
   <translation>Mögliche Einheiten:</translation>
  </message>
  <message>
   <source>Unpacking</source>
   <translation>Auspacken</translation>
  </message>
  <message>
   <source>Untick to leave {sensor} out; the layer is remembered.</source>
   <translation>Haken weg: {sensor} bleibt außen vor; der Layer wird gemerkt.</translation>
  </message>
  <message>
   <source>Use a model from a .sgma file; it stays where it is</source>
   <translation>Ein Modell aus einer .sgma-Datei benutzen; sie bleibt, wo sie ist</translation>
  </message>
  <message>
   <source>Use as labels</source>
   <translation>Als Labels</translation>
  </message>
  <message>
   <source>Utilities</source>
   <translation>Werkzeuge</translation>
  </message>
  <message>
   <source>Validation</source>
   <translation>Validierung</translation>
  </message>
  <message>
   <source>Value</source>
   <translation>Wert</translation>
  </message>
  <message>
   <source>Values of the labels and what they mean</source>
   <translation>Werte der Labels und was sie bedeuten</translation>
  </message>
  <message>
   <source>Values of the same name are one class</source>
   <translation>Werte desselben Namens sind eine Klasse</translation>
  </message>
  <message>
   <source>Values there:</source>
   <translation>Werte dort:</translation>
  </message>
  <message>
   <source>Wait until it is done.</source>
   <translation>Warten Sie, bis es fertig ist.</translation>
  </message>
  <message>
   <source>Waiting for the job that is running.</source>
   <translation>Es wird auf den laufenden Auftrag gewartet.</translation>
  </message>
  <message>
   <source>Waiting for the jobs that are running</source>
   <translation>Es wird auf die laufenden Aufträge gewartet</translation>
  </message>
  <message>
   <source>Waiting: 1 job before this one</source>
   <translation>Warten: 1 Auftrag davor</translation>
  </message>
  <message>
   <source>Waiting: {count} jobs before this one</source>
   <translation>Warten: {count} Aufträge davor</translation>
  </message>
  <message>
   <source>Waits after the running step; its place in the queue stays taken: maps wait, too</source>
   <translation>Wartet nach dem laufenden Schritt; sein Platz in der Warteschlange bleibt belegt: auch Karten warten</translation>
  </message>
  <message>
   <source>Waits for its turn…</source>
   <translation>Wartet, bis es an der Reihe ist …</translation>
  </message>
  <message>
   <source>Warnings</source>
   <translation>Warnungen</translation>
  </message>
  <message>
   <source>Wh&amp;y here?</source>
   <translation>Waru&amp;m hier?</translation>
  </message>
  <message>
   <source>What a run with these choices would warn of:</source>
   <translation>Wovor ein Lauf mit dieser Auswahl warnen würde:</translation>
  </message>
  <message>
   <source>What an interrupted training goes on from lies here, too</source>
   <translation>Auch das, womit ein unterbrochenes Training weitergeht, liegt hier</translation>
  </message>
  <message>
   <source>What commands and scripts name it: small letters, digits and . _ -</source>
   <translation>Wie Befehle und Skripte es nennen: kleine Buchstaben, Ziffern und . _ -</translation>
  </message>
  <message>
   <source>What could change</source>
   <translation>Was sich ändern durfte</translation>
  </message>
  <message>
   <source>What if without</source>
   <translation>Was wäre ohne</translation>
  </message>
  <message>
   <source>What is chosen here is painted. Double click a name or a colour to change it.</source>
   <translation>Was hier gewählt ist, wird gemalt. Doppelklick auf Name oder Farbe ändert sie.</translation>
  </message>
  <message>
   <source>What is done is kept for Resume.</source>
   <translation>Was fertig ist, bleibt für „Fortsetzen“.</translation>
  </message>
  <message>
   <source>What knows of the picture beside your strokes: the model chosen under Set up, or nothing.</source>
   <translation>Was außer den Strichen vom Bild weiß: das unter „Setup“ gewählte Modell, oder nichts.</translation>
  </message>
  <message>
   <source>What may change</source>
   <translation>Was sich ändern darf</translation>
  </message>
  <message>
   <source>What others may do with the model; think of the licences of your data</source>
   <translation>Was andere mit dem Modell tun dürfen; an die Lizenzen der Daten denken</translation>
  </message>
  <message>
   <source>What the areas hold of each class</source>
   <translation>Was die Gebiete von jeder Klasse enthalten</translation>
  </message>
  <message>
   <source>What the list of models shows</source>
   <translation>Was die Liste der Modelle zeigt</translation>
  </message>
  <message>
   <source>What the map shows</source>
   <translation>Was die Karte zeigt</translation>
  </message>
  <message>
   <source>What the network computes on</source>
   <translation>Worauf das Netz rechnet</translation>
  </message>
  <message>
   <source>What the reference says, by row, and what it was mapped as.</source>
   <translation>Was die Referenz sagt, je Zeile, und als was es kartiert wurde.</translation>
  </message>
  <message>
   <source>What the training was worth, with every combination of your layers.</source>
   <translation>Was das Training wert war, mit jeder Kombination der Layer.</translation>
  </message>
  <message>
   <source>What the values are. Automatic is a guess from type, name and values: look at it.</source>
   <translation>Was die Werte bedeuten. „Automatisch“ ist nach Typ, Namen und Werten geraten: bitte ansehen.</translation>
  </message>
  <message>
   <source>Where ne&amp;xt?</source>
   <translation>Wo &amp;malen?</translation>
  </message>
  <message>
   <source>Where the processor build of torch comes from; its checksum is the same wherever it lies</source>
   <translation>Woher die Prozessorfassung von torch kommt; ihre Prüfsumme ist überall dieselbe</translation>
  </message>
  <message>
   <source>Where the proposed areas are kept; those that somebody has changed are never replaced</source>
   <translation>Wo die vorgeschlagenen Gebiete liegen; geänderte werden nie ersetzt</translation>
  </message>
  <message>
   <source>Where there is no network: a folder with every wheel that the lock names</source>
   <translation>Wo es kein Netz gibt: ein Ordner mit jedem Wheel, das die Sperrdatei nennt</translation>
  </message>
  <message>
   <source>Where to label next</source>
   <translation>Wo weiterlabeln</translation>
  </message>
  <message>
   <source>Where to label next is not known: {why}</source>
   <translation>Wo weiterlabeln, ist nicht bekannt: {why}</translation>
  </message>
  <message>
   <source>Whether the engine is there and complete</source>
   <translation>Ob der Rechenkern da und vollständig ist</translation>
  </message>
  <message>
   <source>Which band is which: {bands}</source>
   <translation>Welcher Kanal was ist: {bands}</translation>
  </message>
  <message>
   <source>Which model to start from, and the layers of the place that it shall learn. Leave out what you lack.</source>
   <translation>Von welchem Modell ausgegangen wird, und die Layer des Ortes, den es lernen soll. Was fehlt, bleibt leer.</translation>
  </message>
  <message>
   <source>Which sensors had data at each pixel</source>
   <translation>Welche Sensoren an jedem Pixel Daten hatten</translation>
  </message>
  <message>
   <source>Why here?</source>
   <translation>Warum hier?</translation>
  </message>
  <message>
   <source>Why there</source>
   <translation>Warum dort</translation>
  </message>
  <message>
   <source>With a text field 'role', as of a training: the reference counts in those of one role.</source>
   <translation>Mit einem Textfeld 'role', etwa die eines Trainings: die Referenz zählt in denen einer Rolle.</translation>
  </message>
  <message>
   <source>With a text field 'role': train, validation, test. Empty: they are proposed.</source>
   <translation>Mit einem Textfeld 'role': train, validation, test. Leer: Sie werden vorgeschlagen.</translation>
  </message>
  <message>
   <source>With all {count} sensors: mIoU {miou:.2f}.</source>
   <translation>Mit allen {count} Sensoren: mIoU {miou:.2f}.</translation>
  </message>
  <message>
   <source>With {sensors}: mIoU {miou:.3f}</source>
   <translation>Mit {sensors}: mIoU {miou:.3f}</translation>
  </message>
  <message>
   <source>Without {sensor}, {percent:.1f} % of the view gets another class.</source>
   <translation>Ohne {sensor} bekommen {percent:.1f} % der Ansicht eine andere Klasse.</translation>
  </message>
  <message>
   <source>Writing</source>
   <translation>Schreiben</translation>
  </message>
  <message>
   <source>Zoom to it</source>
   <translation>Darauf zoomen</translation>
  </message>
  <message>
   <source>Zoom to your layers, or choose another area.</source>
   <translation>Auf die Layer zoomen, oder ein anderes Gebiet wählen.</translation>
  </message>
  <message>
   <source>Zoom to your layers.</source>
   <translation>Auf die Layer zoomen.</translation>
  </message>
  <message>
   <source>a labelled area (page Labels)</source>
   <translation>ein gelabeltes Gebiet (Seite „Labels“)</translation>
  </message>
  <message>
   <source>about {percent} %</source>
   <translation>etwa {percent} %</translation>
  </message>
  <message>
   <source>about {time}</source>
   <translation>etwa {time}</translation>
  </message>
  <message>
   <source>accuracy,assessment,validation,IoU,confusion matrix,reference,calibration</source>
   <translation>Genauigkeit,Bewertung,Validierung,IoU,Konfusionsmatrix,Referenz,Kalibrierung</translation>
  </message>
  <message>
   <source>active learning,labels,uncertainty,entropy,sampling,training,where to label</source>
   <translation>aktives Lernen,Labels,Unsicherheit,Entropie,Stichprobe,Training,wo labeln</translation>
  </message>
  <message>
   <source>all</source>
   <translation>alle</translation>
  </message>
  <message>
   <source>all nodata</source>
   <translation>ganz ohne Daten</translation>
  </message>
  <message>
   <source>all sensors weigh the same</source>
   <translation>alle Sensoren zählen gleich</translation>
  </message>
  <message>
   <source>all: every one of the layers given. current: these together, alone.</source>
   <translation>all: alle der gegebenen Layer. current: nur diese zusammen.</translation>
  </message>
  <message>
   <source>and {count} more</source>
   <translation>und {count} weitere</translation>
  </message>
  <message>
   <source>areas</source>
   <translation>Gebieten</translation>
  </message>
  <message>
   <source>areas (page Areas)</source>
   <translation>Gebiete (Seite „Gebiete“)</translation>
  </message>
  <message>
   <source>as guessed</source>
   <translation>wie geraten</translation>
  </message>
  <message>
   <source>as in</source>
   <translation>wie in</translation>
  </message>
  <message>
   <source>as traced</source>
   <translation>wie gezogen</translation>
  </message>
  <message>
   <source>at most {time} for {epochs}</source>
   <translation>höchstens {time} für {epochs}</translation>
  </message>
  <message>
   <source>auto</source>
   <translation>auto</translation>
  </message>
  <message>
   <source>auto: a GPU if there is one, else the processor; cuda:1 is the second of several GPUs.</source>
   <translation>auto: eine GPU, wenn es eine gibt, sonst der Prozessor; cuda:1 ist die zweite von mehreren GPUs.</translation>
  </message>
  <message>
   <source>auto: bf16 where the device is made for it.</source>
   <translation>auto: bf16, wo das Gerät dafür gemacht ist.</translation>
  </message>
  <message>
   <source>auto: {unit}</source>
   <translation>automatisch: {unit}</translation>
  </message>
  <message>
   <source>automatic</source>
   <translation>automatisch</translation>
  </message>
  <message>
   <source>automatic: {crop} px</source>
   <translation>automatisch: {crop} px</translation>
  </message>
  <message>
   <source>automatic: {found}</source>
   <translation>automatisch: {found}</translation>
  </message>
  <message>
   <source>backscatter, amplitude</source>
   <translation>Rückstreuung, Amplitude</translation>
  </message>
  <message>
   <source>backscatter, dB</source>
   <translation>Rückstreuung, dB</translation>
  </message>
  <message>
   <source>backscatter, power</source>
   <translation>Rückstreuung, Leistung</translation>
  </message>
  <message>
   <source>bands in doubt</source>
   <translation>Kanäle fraglich</translation>
  </message>
  <message>
   <source>bf16 is faster where the processor computes in it</source>
   <translation>bf16 ist schneller, wo der Prozessor darin rechnet</translation>
  </message>
  <message>
   <source>caches</source>
   <translation>Zwischenspeicher</translation>
  </message>
  <message>
   <source>cannot be used</source>
   <translation>nicht brauchbar</translation>
  </message>
  <message>
   <source>check,inputs,grid,coverage,units,bands,nodata,sensors</source>
   <translation>prüfen,Eingaben,Gitter,Abdeckung,Einheiten,Kanäle,NoData,Sensoren</translation>
  </message>
  <message>
   <source>cuda:1 is the second graphics card</source>
   <translation>cuda:1 ist die zweite Grafikkarte</translation>
  </message>
  <message>
   <source>differs</source>
   <translation>verschieden</translation>
  </message>
  <message>
   <source>each means a class of the model, by id or name, "new:NAME", "new:NAME #rrggbb" with its colour, or "ignore". Empty: by name.</source>
   <translation>jeder bedeutet eine Klasse des Modells, mit Nummer oder Namen, "new:NAME", "new:NAME #rrggbb" mit ihrer Farbe, oder "ignore". Leer: nach Namen.</translation>
  </message>
  <message>
   <source>each means a class of the model, by id or name, or "ignore". Empty: they are ids or names. Names fit any model that calls its classes so, whatever their ids.</source>
   <translation>jeder bedeutet eine Klasse des Modells, mit Nummer oder Namen, oder "ignore". Leer: es sind Nummern oder Namen. Namen passen zu jedem Modell, das seine Klassen so nennt, welche Nummern sie auch haben.</translation>
  </message>
  <message>
   <source>empty</source>
   <translation>leer</translation>
  </message>
  <message>
   <source>empty border</source>
   <translation>leerer Rand</translation>
  </message>
  <message>
   <source>empty: by the bands' own names, else the first ones.</source>
   <translation>leer: nach den Namen der Kanäle, sonst die ersten.</translation>
  </message>
  <message>
   <source>encoder {name}</source>
   <translation>Encoder {name}</translation>
  </message>
  <message>
   <source>engine</source>
   <translation>Rechenkern</translation>
  </message>
  <message>
   <source>engine,runtime,install,torch,environment,python</source>
   <translation>Rechenkern,Laufzeit,installieren,torch,Umgebung,Python</translation>
  </message>
  <message>
   <source>every combination as often: to compare with</source>
   <translation>jede Kombination gleich oft: zum Vergleichen</translation>
  </message>
  <message>
   <source>for example CC-BY-4.0, or: internal use only</source>
   <translation>zum Beispiel CC-BY-4.0, oder: nur zum internen Gebrauch</translation>
  </message>
  <message>
   <source>for most data</source>
   <translation>für die meisten Daten</translation>
  </message>
  <message>
   <source>for the model {values}</source>
   <translation>für das Modell {values}</translation>
  </message>
  <message>
   <source>for three sensors or more; slower</source>
   <translation>für drei Sensoren oder mehr; langsamer</translation>
  </message>
  <message>
   <source>from the network</source>
   <translation>aus dem Netz</translation>
  </message>
  <message>
   <source>head: the last step alone, how the model turns what it sees into classes; for few labels. adapters: small changes all through the model; right most of the time. all: everything; for many labels, or quite another landscape.</source>
   <translation>head: nur der letzte Schritt, wie das Modell aus dem Gesehenen Klassen macht; für wenige Labels. adapters: kleine Änderungen im ganzen Modell; meistens richtig. all: alles; für viele Labels, oder eine ganz andere Landschaft.</translation>
  </message>
  <message>
   <source>height above ground, ft</source>
   <translation>Höhe über Grund, ft</translation>
  </message>
  <message>
   <source>height above ground, m</source>
   <translation>Höhe über Grund, m</translation>
  </message>
  <message>
   <source>how it turns what it sees into classes: minutes, for few labels</source>
   <translation>wie es aus dem Gesehenen Klassen macht: Minuten, für wenige Labels</translation>
  </message>
  <message>
   <source>ignore</source>
   <translation>übergehen</translation>
  </message>
  <message>
   <source>it is not readable</source>
   <translation>sie ist nicht lesbar</translation>
  </message>
  <message>
   <source>labels</source>
   <translation>Labels</translation>
  </message>
  <message>
   <source>landcover</source>
   <translation>landbedeckung</translation>
  </message>
  <message>
   <source>looking…</source>
   <translation>ansehen …</translation>
  </message>
  <message>
   <source>looks like a picture</source>
   <translation>sieht nach Bild aus</translation>
  </message>
  <message>
   <source>mIoU of the worst combination</source>
   <translation>mIoU der schlechtesten Kombination</translation>
  </message>
  <message>
   <source>mIoU on the validation areas</source>
   <translation>mIoU in den Validierungsgebieten</translation>
  </message>
  <message>
   <source>mIoU with all the layers</source>
   <translation>mIoU mit allen Layern</translation>
  </message>
  <message>
   <source>mIoU {miou:.3f}; with other places, 95 of 100 times from {low:.3f} to {high:.3f}</source>
   <translation>mIoU {miou:.3f}; an anderen Orten in 95 von 100 Fällen von {low:.3f} bis {high:.3f}</translation>
  </message>
  <message>
   <source>mIoU, average of the combinations</source>
   <translation>mIoU, Mittel der Kombinationen</translation>
  </message>
  <message>
   <source>mIoU: of the area that the map or the truth gives a class, the share where both do (IoU), averaged over the classes. 1 is a map without a fault.</source>
   <translation>mIoU: der Anteil der Fläche, der Karte und Wahrheit dieselbe Klasse geben, an der, der eine von beiden sie gibt (IoU), gemittelt über die Klassen. 1 ist eine Karte ohne Fehler.</translation>
  </message>
  <message>
   <source>map after epoch {epoch}</source>
   <translation>Karte nach Epoche {epoch}</translation>
  </message>
  <message>
   <source>map before the training</source>
   <translation>Karte vor dem Training</translation>
  </message>
  <message>
   <source>missing</source>
   <translation>fehlt</translation>
  </message>
  <message>
   <source>model,card,classes,accuracy,sensors,installed</source>
   <translation>Modell,Karte,Klassen,Genauigkeit,Sensoren,installiert</translation>
  </message>
  <message>
   <source>models</source>
   <translation>Modelle</translation>
  </message>
  <message>
   <source>new class</source>
   <translation>neue Klasse</translation>
  </message>
  <message>
   <source>new to the model: it is learned from nothing</source>
   <translation>neu für das Modell: er wird von null an gelernt</translation>
  </message>
  <message>
   <source>no</source>
   <translation>nein</translation>
  </message>
  <message>
   <source>no class (empty)</source>
   <translation>keine Klasse (leer)</translation>
  </message>
  <message>
   <source>no data here</source>
   <translation>hier keine Daten</translation>
  </message>
  <message>
   <source>no file: its 8-bit picture is taken when a preview or run starts</source>
   <translation>keine Datei: sein 8-Bit-Bild wird genommen, wenn Vorschau oder Lauf beginnt</translation>
  </message>
  <message>
   <source>no limits: for many labels, or quite another landscape</source>
   <translation>ohne Grenzen: für viele Labels, oder eine ganz andere Landschaft</translation>
  </message>
  <message>
   <source>no overlap</source>
   <translation>keine Überlappung</translation>
  </message>
  <message>
   <source>no sensor has data here.</source>
   <translation>kein Sensor hat hier Daten.</translation>
  </message>
  <message>
   <source>none</source>
   <translation>keiner</translation>
  </message>
  <message>
   <source>not calibrated</source>
   <translation>nicht kalibriert</translation>
  </message>
  <message>
   <source>not given</source>
   <translation>nicht gegeben</translation>
  </message>
  <message>
   <source>not said</source>
   <translation>nicht gesagt</translation>
  </message>
  <message>
   <source>nothing came</source>
   <translation>nichts kam an</translation>
  </message>
  <message>
   <source>nothing drawn</source>
   <translation>nichts gezeichnet</translation>
  </message>
  <message>
   <source>offset {pixels:.1f} px to {sensor}</source>
   <translation>Versatz {pixels:.1f} px zu {sensor}</translation>
  </message>
  <message>
   <source>on the test areas</source>
   <translation>in den Testgebieten</translation>
  </message>
  <message>
   <source>on the validation areas</source>
   <translation>in den Validierungsgebieten</translation>
  </message>
  <message>
   <source>other</source>
   <translation>Sonstiges</translation>
  </message>
  <message>
   <source>partial {share}</source>
   <translation>teilweise, {share}</translation>
  </message>
  <message>
   <source>picture</source>
   <translation>Bild</translation>
  </message>
  <message>
   <source>pixels alone</source>
   <translation>nur Pixel</translation>
  </message>
  <message>
   <source>pixels alone, no encoder</source>
   <translation>allein Pixel, kein Encoder</translation>
  </message>
  <message>
   <source>present</source>
   <translation>da</translation>
  </message>
  <message>
   <source>reflectance 0-1</source>
   <translation>Reflexion 0-1</translation>
  </message>
  <message>
   <source>reflectance x 10000</source>
   <translation>Reflexion x 10000</translation>
  </message>
  <message>
   <source>right</source>
   <translation>richtig</translation>
  </message>
  <message>
   <source>see the note below</source>
   <translation>siehe Hinweis unten</translation>
  </message>
  <message>
   <source>semantic segmentation,land cover,deep learning,classification,orthophoto,infrared,DSM,SAR,multimodal</source>
   <translation>semantische Segmentierung,Landbedeckung,Deep Learning,Klassifikation,Orthofoto,Infrarot,DOM,SAR,multimodal</translation>
  </message>
  <message>
   <source>sensors weighed at every place</source>
   <translation>Sensoren an jedem Ort gewichtet</translation>
  </message>
  <message>
   <source>single-look complex</source>
   <translation>Single Look Complex</translation>
  </message>
  <message>
   <source>small changes all through the model: right most of the time</source>
   <translation>kleine Änderungen im ganzen Modell: meistens richtig</translation>
  </message>
  <message>
   <source>small encoder</source>
   <translation>kleiner Encoder</translation>
  </message>
  <message>
   <source>status and verify change nothing; install downloads some 100 MB.</source>
   <translation>status und verify ändern nichts; install lädt einige 100 MB herunter.</translation>
  </message>
  <message>
   <source>strokes,scribbles,interactive,pixel classification,land cover,classes,labels</source>
   <translation>Striche,Kritzeln,interaktiv,Pixelklassifikation,Landbedeckung,Klassen,Labels</translation>
  </message>
  <message>
   <source>surface height, ft</source>
   <translation>Höhe der Oberfläche, ft</translation>
  </message>
  <message>
   <source>surface height, m</source>
   <translation>Höhe der Oberfläche, m</translation>
  </message>
  <message>
   <source>temporary</source>
   <translation>vorübergehend</translation>
  </message>
  <message>
   <source>test</source>
   <translation>Test</translation>
  </message>
  <message>
   <source>the CRS</source>
   <translation>das KBS</translation>
  </message>
  <message>
   <source>the area</source>
   <translation>das Gebiet</translation>
  </message>
  <message>
   <source>the bands</source>
   <translation>die Kanäle</translation>
  </message>
  <message>
   <source>the class field (page Labels)</source>
   <translation>das Klassenfeld (Seite „Labels“)</translation>
  </message>
  <message>
   <source>the classes that both models know went from {old:.3f} to {new:.3f}</source>
   <translation>die Klassen, die beide Modelle kennen, gingen von {old:.3f} auf {new:.3f}</translation>
  </message>
  <message>
   <source>the epochs (page Model and budget)</source>
   <translation>die Epochen (Seite „Modell und Aufwand“)</translation>
  </message>
  <message>
   <source>the folder or name</source>
   <translation>der Ordner oder Name</translation>
  </message>
  <message>
   <source>the labelled area</source>
   <translation>dem gelabelten Gebiet</translation>
  </message>
  <message>
   <source>the labels (page Labels)</source>
   <translation>die Labels (Seite „Labels“)</translation>
  </message>
  <message>
   <source>the meanings (page Labels)</source>
   <translation>die Bedeutungen (Seite „Labels“)</translation>
  </message>
  <message>
   <source>the model (page Data)</source>
   <translation>das Modell (Seite „Daten“)</translation>
  </message>
  <message>
   <source>the name (page Model and budget)</source>
   <translation>der Name (Seite „Modell und Aufwand“)</translation>
  </message>
  <message>
   <source>the nodata value of</source>
   <translation>der NoData-Wert von</translation>
  </message>
  <message>
   <source>the one installed below</source>
   <translation>das unten installierte</translation>
  </message>
  <message>
   <source>the radius of points (page Labels)</source>
   <translation>der Radius der Punkte (Seite „Labels“)</translation>
  </message>
  <message>
   <source>the resolution</source>
   <translation>die Auflösung</translation>
  </message>
  <message>
   <source>the seed (page Model and budget)</source>
   <translation>der Startwert (Seite „Modell und Aufwand“)</translation>
  </message>
  <message>
   <source>the threads (page Model and budget)</source>
   <translation>die Threads (Seite „Modell und Aufwand“)</translation>
  </message>
  <message>
   <source>the training crops (page Areas)</source>
   <translation>die Trainingsausschnitte (Seite „Gebiete“)</translation>
  </message>
  <message>
   <source>the unit</source>
   <translation>die Einheit</translation>
  </message>
  <message>
   <source>the unit (page Data)</source>
   <translation>die Einheit (Seite „Daten“)</translation>
  </message>
  <message>
   <source>training</source>
   <translation>Training</translation>
  </message>
  <message>
   <source>training,chips,tiles,patches,labels,export,data set,manifest</source>
   <translation>Training,Chips,Kacheln,Ausschnitte,Labels,Export,Datensatz,Manifest</translation>
  </message>
  <message>
   <source>training,fine-tuning,transfer learning,labels,classes,deep learning,adapters</source>
   <translation>Training,Feinabstimmung,Transferlernen,Labels,Klassen,Deep Learning,Adapter</translation>
  </message>
  <message>
   <source>unfinished</source>
   <translation>unfertig</translation>
  </message>
  <message>
   <source>unfinished, {percent} %</source>
   <translation>unfertig, {percent} %</translation>
  </message>
  <message>
   <source>unit in doubt</source>
   <translation>Einheit fraglich</translation>
  </message>
  <message>
   <source>unit is not the model's</source>
   <translation>Einheit passt nicht zum Modell</translation>
  </message>
  <message>
   <source>unknown: nothing is learned there</source>
   <translation>unbekannt: dort wird nichts gelernt</translation>
  </message>
  <message>
   <source>unsure between {one} and {other}</source>
   <translation>unsicher zwischen {one} und {other}</translation>
  </message>
  <message>
   <source>used</source>
   <translation>benutzt</translation>
  </message>
  <message>
   <source>used, {share} of the area</source>
   <translation>benutzt, {share} des Gebiets</translation>
  </message>
  <message>
   <source>validation</source>
   <translation>Validierung</translation>
  </message>
  <message>
   <source>values do not fit the unit</source>
   <translation>Werte passen nicht zur Einheit</translation>
  </message>
  <message>
   <source>vectorise,polygonize,polygons,classes,land cover,simplify,minimum area</source>
   <translation>vektorisieren,polygonisieren,Polygone,Klassen,Landbedeckung,vereinfachen,Mindestfläche</translation>
  </message>
  <message>
   <source>wrong</source>
   <translation>falsch</translation>
  </message>
  <message>
   <source>yes</source>
   <translation>ja</translation>
  </message>
  <message>
   <source>{area}, {percent} %</source>
   <translation>{area}, {percent} %</translation>
  </message>
  <message>
   <source>{count} GB</source>
   <translation>{count} GB</translation>
  </message>
  <message>
   <source>{count} MB</source>
   <translation>{count} MB</translation>
  </message>
  <message>
   <source>{count} different values: are these classes? The first {most} are listed.</source>
   <translation>{count} verschiedene Werte: sind das Klassen? Die ersten {most} sind aufgeführt.</translation>
  </message>
  <message>
   <source>{count} epochs</source>
   <translation>{count} Epochen</translation>
  </message>
  <message>
   <source>{count} objects</source>
   <translation>{count} Objekte</translation>
  </message>
  <message>
   <source>{count} objects are kept in layer {layer}.</source>
   <translation>{count} Objekte sind im Layer {layer} aufgehoben.</translation>
  </message>
  <message>
   <source>{count} objects are selected: Enter keeps them, Esc gives up.</source>
   <translation>{count} Objekte sind gewählt: Eingabe hebt sie auf, Esc verwirft.</translation>
  </message>
  <message>
   <source>{count} pixels of {reference} mapped as {mapped}: {percent:.1f} %</source>
   <translation>{count} Pixel von {reference} kartiert als {mapped}: {percent:.1f} %</translation>
  </message>
  <message>
   <source>{count} places whose labels would help the model most. Click one to see it on the map.</source>
   <translation>{count} Stellen, deren Labels dem Modell am meisten helfen würden. Eine anklicken, um sie auf der Karte zu sehen.</translation>
  </message>
  <message>
   <source>{count} polygons.</source>
   <translation>{count} Polygone.</translation>
  </message>
  <message>
   <source>{count} px</source>
   <translation>{count} px</translation>
  </message>
  <message>
   <source>{count} tiles</source>
   <translation>{count} Kacheln</translation>
  </message>
  <message>
   <source>{count} tiles could not be computed: they are gaps.</source>
   <translation>{count} Kacheln konnten nicht gerechnet werden: sie sind Lücken.</translation>
  </message>
  <message>
   <source>{count} tiles could not be computed; they are gaps in the map.</source>
   <translation>{count} Kacheln konnten nicht gerechnet werden; sie sind Lücken in der Karte.</translation>
  </message>
  <message>
   <source>{count} warnings</source>
   <translation>{count} Warnungen</translation>
  </message>
  <message>
   <source>{done} of {total} tiles</source>
   <translation>{done} von {total} Kacheln</translation>
  </message>
  <message>
   <source>{duration} left</source>
   <translation>noch {duration}</translation>
  </message>
  <message>
   <source>{file} cannot be read ({error}).</source>
   <translation>{file} ist nicht lesbar ({error}).</translation>
  </message>
  <message>
   <source>{file} holds no strokes.</source>
   <translation>{file} enthält keine Striche.</translation>
  </message>
  <message>
   <source>{first} → {second}: {area}</source>
   <translation>{first} → {second}: {area}</translation>
  </message>
  <message>
   <source>{last} epochs; nothing was validated, so the last weights were kept.</source>
   <translation>{last} Epochen; nichts wurde validiert, darum blieben die letzten Gewichte.</translation>
  </message>
  <message>
   <source>{layer} (earlier)</source>
   <translation>{layer} (früher)</translation>
  </message>
  <message>
   <source>{layer} is no file: its 8-bit picture is taken, as QGIS draws it. Values of the sensor beyond what the picture shows are lost, and the map may be poorer for it.</source>
   <translation>{layer} ist keine Datei: genommen wird das 8-Bit-Bild, wie QGIS es zeichnet. Was das Bild von den Werten des Sensors nicht zeigt, ist verloren, und die Karte kann schlechter werden.</translation>
  </message>
  <message>
   <source>{name} changes polygons only: leave it empty or name a file for {polygons}.</source>
   <translation>{name} ändert nur Polygone: leer lassen oder eine Datei für {polygons} nennen.</translation>
  </message>
  <message>
   <source>{name} is a class of the model already: choose it as the meaning, or give another name.</source>
   <translation>{name} ist schon eine Klasse des Modells: sie als Bedeutung wählen, oder einen anderen Namen geben.</translation>
  </message>
  <message>
   <source>{name} is done.</source>
   <translation>{name} ist fertig.</translation>
  </message>
  <message>
   <source>{name} is off the list; its files stay.</source>
   <translation>{name} steht nicht mehr in der Liste; die Dateien bleiben.</translation>
  </message>
  <message>
   <source>{name} is shown; the map was zoomed to it.</source>
   <translation>{name} wird gezeigt; die Karte wurde darauf gezoomt.</translation>
  </message>
  <message>
   <source>{name} must be a {what} file ending in {suffix}, not {path}.</source>
   <translation>{name} muss eine {what}-Datei mit der Endung {suffix} sein, nicht {path}.</translation>
  </message>
  <message>
   <source>{name} – SGMA {model}</source>
   <translation>{name} – SGMA {model}</translation>
  </message>
  <message>
   <source>{name}, begun in another project, is done.</source>
   <translation>{name}, in einem anderen Projekt begonnen, ist fertig.</translation>
  </message>
  <message>
   <source>{name}, {percent} sure</source>
   <translation>{name}, zu {percent} sicher</translation>
  </message>
  <message>
   <source>{name}: off by {ece:.1f} % on average (ECE)</source>
   <translation>{name}: im Mittel {ece:.1f} % daneben (ECE)</translation>
  </message>
  <message>
   <source>{numbers} ({unit})</source>
   <translation>{numbers} ({unit})</translation>
  </message>
  <message>
   <source>{numbers} dB</source>
   <translation>{numbers} dB</translation>
  </message>
  <message>
   <source>{numbers} m above ground</source>
   <translation>{numbers} m über Grund</translation>
  </message>
  <message>
   <source>{numbers} m, height of the surface</source>
   <translation>{numbers} m, Höhe der Oberfläche</translation>
  </message>
  <message>
   <source>{one} and {other} are {gap:.3g} m apart; {need:.3g} m are needed, a training crop's side: accuracy may look better than it is elsewhere.</source>
   <translation>{one} und {other} liegen {gap:.3g} m auseinander; {need:.3g} m sind nötig, die Seite eines Trainingsausschnitts: die Genauigkeit kann besser aussehen, als sie anderswo ist.</translation>
  </message>
  <message>
   <source>{one} and {other} disagree</source>
   <translation>{one} und {other} widersprechen sich</translation>
  </message>
  <message>
   <source>{path} cannot be written: {why}.</source>
   <translation>{path} lässt sich nicht schreiben: {why}.</translation>
  </message>
  <message>
   <source>{path} holds other files and no model: choose another name.</source>
   <translation>{path} enthält andere Dateien und kein Modell: einen anderen Namen wählen.</translation>
  </message>
  <message>
   <source>{path} is a file: choose another name.</source>
   <translation>{path} ist eine Datei: einen anderen Namen wählen.</translation>
  </message>
  <message>
   <source>{path} is there already.</source>
   <translation>{path} gibt es schon.</translation>
  </message>
  <message>
   <source>{percent:.0f} %</source>
   <translation>{percent:.0f} %</translation>
  </message>
  <message>
   <source>{percent:.0f} % of the picture of {layer} did not come; it counts as no data.</source>
   <translation>{percent:.0f} % des Bildes von {layer} kamen nicht an; sie gelten als ohne Daten.</translation>
  </message>
  <message>
   <source>{percent} %</source>
   <translation>{percent} %</translation>
  </message>
  <message>
   <source>{percent} % is done and kept for Resume.</source>
   <translation>{percent} % bleiben für „Fortsetzen“.</translation>
  </message>
  <message>
   <source>{rate:.1f} tiles/min</source>
   <translation>{rate:.1f} Kacheln/min</translation>
  </message>
  <message>
   <source>{rate:.1f} tiles/s</source>
   <translation>{rate:.1f} Kacheln/s</translation>
  </message>
  <message>
   <source>{reference} mapped as {mapped}: place {number} of {count}, {pixels} pixels, framed on the map. Click for the next one.</source>
   <translation>{reference} kartiert als {mapped}: Stelle {number} von {count}, {pixels} Pixel, auf der Karte umrahmt. Klicken für die nächste.</translation>
  </message>
  <message>
   <source>{role} is no role.</source>
   <translation>{role} ist keine Rolle.</translation>
  </message>
  <message>
   <source>{role}: {count} chips</source>
   <translation>{role}: {count} Chips</translation>
  </message>
  <message>
   <source>{run} of 1 tile</source>
   <translation>{run} von 1 Kachel</translation>
  </message>
  <message>
   <source>{run} of {total} tiles</source>
   <translation>{run} von {total} Kacheln</translation>
  </message>
  <message>
   <source>{seconds:.2f} s · {total} pixels labelled · {sensors}</source>
   <translation>{seconds:.2f} s · {total} Pixel gelabelt · {sensors}</translation>
  </message>
  <message>
   <source>{sensors}, trained further on {labels}</source>
   <translation>{sensors}, weitertrainiert mit {labels}</translation>
  </message>
  <message>
   <source>{sensor} bands</source>
   <translation>Kanäle: {sensor}</translation>
  </message>
  <message>
   <source>{sensor} layer</source>
   <translation>Layer: {sensor}</translation>
  </message>
  <message>
   <source>{sensor}: layer {layer} has no file, only its picture can be used, and only as RGB.</source>
   <translation>{sensor}: Layer {layer} hat keine Datei; nur sein Bild ist brauchbar, und nur als RGB.</translation>
  </message>
  <message>
   <source>{sensor}: {why}. Or choose another layer, or leave the row empty.</source>
   <translation>{sensor}: {why}. Oder einen anderen Layer wählen, oder die Zeile leer lassen.</translation>
  </message>
  <message>
   <source>{size} in all: {parts}</source>
   <translation>{size} insgesamt: {parts}</translation>
  </message>
  <message>
   <source>{size} of disk</source>
   <translation>{size} Platte</translation>
  </message>
  <message>
   <source>{size} of memory</source>
   <translation>{size} Speicher</translation>
  </message>
  <message>
   <source>{size} on the graphics card</source>
   <translation>{size} auf der Grafikkarte</translation>
  </message>
  <message>
   <source>{tiles} computed on {device}.</source>
   <translation>{tiles} berechnet auf {device}.</translation>
  </message>
  <message>
   <source>{tiles} taken from an earlier run.</source>
   <translation>{tiles} aus einem früheren Lauf übernommen.</translation>
  </message>
  <message>
   <source>{tiles} without data or outside the area.</source>
   <translation>{tiles} ohne Daten oder außerhalb des Gebiets.</translation>
  </message>
  <message>
   <source>{time} an epoch</source>
   <translation>{time} je Epoche</translation>
  </message>
  <message>
   <source>{title} (in work)</source>
   <translation>{title} (in Arbeit)</translation>
  </message>
  <message>
   <source>{title} (unfinished)</source>
   <translation>{title} (unfertig)</translation>
  </message>
  <message>
   <source>{title} is among your models now, in {folder}</source>
   <translation>{title} gehört nun zu den eigenen Modellen, in {folder}</translation>
  </message>
  <message>
   <source>{title}: stopped.</source>
   <translation>{title}: angehalten.</translation>
  </message>
  <message>
   <source>{title}: {done} of {total} tiles</source>
   <translation>{title}: {done} von {total} Kacheln</translation>
  </message>
  <message>
   <source>{total}: {run} computed, {resumed} from an earlier run, {empty} without data, {failed} failed</source>
   <translation>{total}: {run} gerechnet, {resumed} von einem früheren Lauf, {empty} ohne Daten, {failed} misslungen</translation>
  </message>
  <message>
   <source>{value:.0f} MB</source>
   <translation>{value:.0f} MB</translation>
  </message>
  <message>
   <source>{value:.1f} GB</source>
   <translation>{value:.1f} GB</translation>
  </message>
  <message>
   <source>{value} ha</source>
   <translation>{value} ha</translation>
  </message>
  <message>
   <source>{value} m²</source>
   <translation>{value} m²</translation>
  </message>
  <message>
   <source>{what} cannot be kept in {file}: {reason}.</source>
   <translation>{what} lassen sich nicht in {file} aufheben: {reason}.</translation>
  </message>
  <message>
   <source>{width} x {height} pixels; {tiles} tiles, {failed} of them gaps; {backend} on {device}.</source>
   <translation>{width} x {height} Pixel; {tiles} Kacheln, davon {failed} Lücken; {backend} auf {device}.</translation>
  </message>
  <message>
   <source>{width} × {height} px of {resolution:g} m, {crs}</source>
   <translation>{width} × {height} px zu {resolution:g} m, {crs}</translation>
  </message>
 </context>
</TS>
