"""NoMAD's items as people might adapt them, in our own words: `{p}` is the practice. No sentence of the instrument.

Written item by item before the words of `keywords.csv` were tried on them, so that the matches are a real test.
"""

ITEMS = [
    "A1",
    "A2",
    "A3",
    "B1",
    "B2",
    "B3",
    "B4",
    "C1",
    "C2",
    "C3",
    "C4",
    "D1",
    "D2",
    "D3",
    "D4",
    "D5",
    "D6",
    "D7",
    "E1",
    "E2",
    "E3",
    "E4",
    "E5",
]

PRACTICES = {
    "en": "trauma-informed practice",
    "de": "die digitale Visite",
    "nl": "de nieuwe werkafspraak",
    "sv": "den digitala journalen",
    "fr": "la consultation partagée",
    "es": "el programa de acompañamiento",
    "it": "la cartella condivisa",
    "pt": "o plano de cuidados",
}

FIRST = {
    "en": """
How familiar has {p} become to you so far?
Is {p} at present a normal part of what you do?
Do you expect that {p} will become a normal part of what you do?
It is clear to me what makes {p} different from our usual ways of doing things
Here in the team we have a shared idea of the purpose of {p}
I know how {p} will affect my own tasks
I recognise the potential value that {p} has for what we do
There are key people here who push {p} and bring the rest along
Being involved in {p} is a legitimate part of my job
I am willing to try new ways of working together for the sake of {p}
I intend to continue supporting {p}
It is easy to integrate {p} into the work I already do
Since we have {p}, working relationships have been disrupted
I have confidence that my colleagues are able to apply {p}
Tasks that go with {p} are assigned to those with the right skills
Staff receive sufficient training in {p}
There are enough resources for {p}
Our managers support {p} as they should
I am aware of reports on what {p} achieves
My colleagues feel that {p} is worthwhile
I value the effects that {p} has had in my day
Feedback from people who use {p} can help to improve it
I am able to modify how I personally go about {p}
""",
    "de": """
Wie vertraut ist Ihnen {p} inzwischen?
Gehört {p} gegenwärtig ganz normal zu Ihrer Arbeit?
Wird {p} für Sie einmal ganz normal zur Arbeit gehören?
Mir ist deutlich, worin sich {p} von unserer üblichen Arbeitsweise unterscheidet
Wir haben im Team ein gemeinsames Verständnis vom Zweck: {p}
Ich verstehe, wie {p} meine eigenen Aufgaben beeinflusst
Ich sehe, welchen möglichen Nutzen {p} für meine Arbeit hat
Bei uns gibt es Schlüsselpersonen, die {p} vorantreiben und andere mitnehmen
Ich halte es für legitim, dass {p} zu meiner Rolle gehört
Für {p} bin ich offen, mit Kolleginnen auf neue Weise zusammenzuarbeiten
Ich werde {p} auch weiterhin unterstützen
Es ist leicht, {p} in meine bestehenden Abläufe zu integrieren
Durch {p} werden Arbeitsbeziehungen gestört
Ich vertraue darauf, dass andere fähig sind, mit der Neuerung umzugehen: {p}
Die Aufgaben rund um {p} werden Personen mit passenden Fähigkeiten zugeteilt
Für {p} werden ausreichend Schulungen angeboten
Für {p} stehen genügend Ressourcen bereit
Die Leitung unterstützt {p} in angemessener Weise
Mir sind Berichte darüber bekannt, wie {p} wirkt
Im Kollegium ist man sich einig, dass {p} sich lohnt
Ich schätze die Auswirkungen, die {p} auf meine Arbeit hat
Mit Rückmeldungen lässt sich {p} verbessern
Ich kann anpassen, wie ich selbst mit der Neuerung arbeite: {p}
""",
    "nl": """
Hoe vertrouwd bent u inmiddels met {p}?
In hoeverre is {p} op dit moment een normaal onderdeel van uw dag?
Denkt u dat {p} een normaal onderdeel van uw dag zal worden?
Ik zie waarin {p} verschilt van hoe wij gewoonlijk werken
Wij hebben als team een gedeelde opvatting over het doel van {p}
Ik begrijp welke gevolgen {p} heeft voor mijn eigen werk
Ik zie de mogelijke waarde van {p}
Er zijn hier sleutelfiguren die {p} aanjagen en anderen meenemen
Meedoen met {p} vind ik een legitiem deel van mijn functie
Ik sta open voor nieuwe manieren om met collega's samen te werken rond {p}
Ik blijf {p} steunen
{p} is gemakkelijk in mijn bestaande werk te integreren
{p} verstoort de werkrelaties
Ik heb er vertrouwen in dat anderen met {p} kunnen omgaan
Werk dat bij {p} hoort wordt toegewezen aan mensen met de juiste vaardigheden
Voor {p} wordt voldoende training gegeven
Voor {p} zijn voldoende middelen beschikbaar
De leiding ondersteunt {p} naar behoren
Ik ben op de hoogte van rapporten over de effecten van {p}
Mijn collega's vinden {p} de moeite waard
Ik waardeer het effect dat {p} op mijn werk heeft
Met feedback kunnen we {p} verbeteren
Ik kan aanpassen hoe ik zelf met {p} werk
""",
    "sv": """
Hur bekant känns {p} för dig vid det här laget?
Är {p} i nuläget en normal del av din arbetsdag?
Tror du att {p} kommer att bli en normal del av din arbetsdag?
Jag ser hur {p} skiljer sig från vårt vanliga sätt att arbeta
I vår grupp har vi en gemensam bild av syftet med {p}
Jag förstår hur {p} påverkar mitt eget arbete
Jag kan se det möjliga värdet av {p}
Hos oss finns nyckelpersoner som driver {p} och får med sig andra
Att delta i {p} är en legitim del av min roll
Jag är öppen för att arbeta med kollegor på nya sätt för {p}
Jag tänker fortsätta att stödja {p}
Det är lätt att integrera {p} i mitt befintliga arbete
{p} stör arbetsrelationerna
Jag litar på att andra har förmåga att använda {p}
Uppgifter kring {p} fördelas till dem som har rätt kompetens
Personalen får tillräcklig utbildning i {p}
Det finns tillräckliga resurser för {p}
Ledningen stödjer {p} på ett bra sätt
Jag känner till rapporter om vad {p} har för effekter
Mina kollegor tycker att {p} är värdefull
Jag uppskattar hur {p} har påverkat mitt arbete
Återkoppling kan användas för att förbättra {p}
Jag kan ändra hur jag arbetar med {p}
""",
    "fr": """
À quel point {p} vous est-elle familière aujourd'hui ?
{p} est-elle actuellement une partie normale de votre quotidien ?
Pensez-vous que {p} deviendra une partie normale de votre quotidien ?
Je vois en quoi {p} diffère de nos habitudes de travail
Dans notre équipe, nous partageons la même idée du but : {p}
Je comprends comment {p} influence mon propre travail
Je perçois la valeur potentielle de {p} pour mon travail
Des personnes clés font avancer {p} et entraînent les autres
Participer à ce projet ({p}) est une part légitime de mon rôle
Je suis ouvert à de nouvelles façons de travailler avec mes collègues pour {p}
Je continuerai à soutenir {p}
Il est facile d'intégrer {p} à mon travail existant
{p} perturbe les relations de travail
J'ai confiance dans la capacité des autres à utiliser {p}
Le travail lié à {p} est attribué à ceux qui ont les compétences voulues
La formation à {p} est suffisante pour le personnel
Des ressources suffisantes sont prévues pour {p}
La direction soutient {p} comme il faut
J'ai connaissance de rapports sur les effets de {p}
Mes collègues estiment que {p} en vaut la peine
J'apprécie les effets de {p} sur mon travail
Les retours des usagers peuvent servir à améliorer {p}
Je peux modifier ma manière de travailler avec {p}
""",
    "es": """
¿Hasta qué punto le resulta familiar {p}?
¿Es {p} actualmente una parte normal de su jornada?
¿Cree que {p} llegará a ser una parte normal de su jornada?
Veo en qué se diferencia {p} de nuestra manera habitual de trabajar
En el equipo compartimos una idea sobre el propósito: {p}
Entiendo cómo {p} afecta a mi propio trabajo
Veo el valor potencial que tiene {p}
Hay personas clave que impulsan {p} e implican a los demás
Participar en esto ({p}) es una parte legítima de mi función
Estoy abierta a trabajar de nuevas maneras con mis compañeros: {p}
Seguiré apoyando {p}
Es fácil integrar {p} en el trabajo que ya hago
{p} perturba las relaciones de trabajo
Confío en la capacidad de otras personas para llevar adelante {p}
Las tareas de {p} se asignan a quienes tienen las competencias adecuadas
Se ofrece suficiente formación sobre {p}
Hay recursos suficientes para {p}
La dirección apoya {p} de forma adecuada
Conozco informes sobre los efectos que tiene {p}
Mis compañeros opinan que {p} merece la pena
Valoro los efectos que {p} ha tenido en mi trabajo
Los comentarios recibidos pueden servir para mejorar {p}
Puedo adaptar mi forma de trabajar con {p}
""",
    "it": """
Quanto le è ormai familiare {p}?
{p} è attualmente una parte normale della sua giornata?
Pensa che {p} diventerà una parte normale della sua giornata?
Vedo in che cosa {p} si differenzia dal nostro modo abituale di lavorare
Nel gruppo condividiamo un'idea dello scopo: {p}
Capisco come {p} influisce sul mio lavoro
Riconosco il valore potenziale: {p}
Ci sono persone chiave che promuovono {p} e coinvolgono gli altri
Partecipare a questo ({p}) è una parte legittima del mio ruolo
Sono aperta a nuovi modi di lavorare con i colleghi: {p}
Continuerò a sostenere {p}
È facile integrare {p} nel lavoro che già faccio
{p} disturba i rapporti di lavoro
Ho fiducia nella capacità degli altri di usare {p}
I compiti legati a {p} sono assegnati a chi ha le competenze adatte
La formazione offerta per {p} è sufficiente
Le risorse per {p} sono sufficienti
La direzione sostiene {p} in modo adeguato
Sono a conoscenza di rapporti sugli effetti: {p}
I miei colleghi ritengono che {p} sia utile
Apprezzo gli effetti che {p} ha avuto sul mio lavoro
I riscontri di chi la usa possono servire a migliorare {p}
Posso modificare il mio modo di lavorare con {p}
""",
    "pt": """
Até que ponto {p} já lhe é familiar?
{p} é atualmente uma parte normal do seu dia?
Acha que {p} se tornará uma parte normal do seu dia?
Vejo em que {p} difere do nosso modo habitual de trabalhar
Na equipe temos uma ideia comum sobre o propósito: {p}
Entendo como {p} afeta o meu próprio trabalho
Reconheço o valor potencial: {p}
Há pessoas-chave que promovem {p} e envolvem os outros
Participar disto ({p}) é uma parte legítima da minha função
Estou aberta a novas formas de trabalhar com colegas: {p}
Continuarei a apoiar {p}
É fácil integrar {p} ao trabalho que já faço
{p} perturba as relações de trabalho
Tenho confiança na capacidade dos outros de usar {p}
As tarefas ligadas a isto ({p}) são atribuídas a quem tem as competências adequadas
A formação oferecida para {p} é suficiente
Há recursos suficientes para {p}
A gestão apoia {p} de forma adequada
Conheço relatórios sobre os efeitos: {p}
Os meus colegas acham que {p} vale a pena
Valorizo os efeitos que {p} teve no meu trabalho
O feedback de quem o usa pode ajudar a melhorar {p}
Posso modificar a minha forma de trabalhar com {p}
""",
}

# A second and freer set, written after the words had been corrected by the first.
SECOND = {
    "en": """
Overall, how familiar would you say you are with {p}?
Right now, is {p} something normal in your everyday work?
Looking ahead, will {p} be a normal part of your everyday work?
I understand how {p} differs from what we did before
Staff here share the same view of what the purpose of {p} is
I understand the ways in which {p} affects the nature of my role
{p} could be of real value to the people I work for
We have key individuals who drive {p} and get others on board
I believe it is right and legitimate that I take part in {p}
I'm open to changing how I work with colleagues in order to use {p}
I will keep on supporting {p}
{p} can easily be fitted into my current way of working
{p} disrupts how we get on with each other at work
I feel confident about other people's competence in using {p}
The people who do the work of {p} have the appropriate skills for it
We were given enough training to be able to use {p}
The resources we have for {p} are sufficient
Senior management gives {p} adequate support
I have seen information about the effects of {p}
People here agree that {p} is worth doing
I can see and value what {p} has changed for me
We can use feedback to improve how {p} works
If needed, I can adapt my own way of doing {p}
""",
    "de": """
Insgesamt: Wie vertraut sind Sie mit dem Ansatz ({p})?
Ist {p} heute schon ein selbstverständlicher Teil Ihres Alltags?
Glauben Sie, dass {p} in Zukunft ein normaler Teil Ihrer Arbeit wird?
Ich kann erkennen, wodurch {p} anders ist als das, was wir bisher gemacht haben
Die Mitarbeitenden hier teilen eine gemeinsame Vorstellung vom Ziel: {p}
Mir ist klar, welchen Einfluss {p} auf meine eigene Arbeit hat
Ich erkenne den potenziellen Wert, den {p} hat
Einige zentrale Personen treiben {p} voran und binden andere ein
Ich finde, dass die Beteiligung daran ({p}) berechtigterweise zu meinen Aufgaben gehört
Ich bin bereit, wegen {p} anders als bisher mit dem Team zu arbeiten
Ich unterstütze {p} weiterhin
{p} fügt sich leicht in die vorhandene Arbeit ein
{p} belastet die Zusammenarbeit mit Kolleginnen und Kollegen
Ich habe Vertrauen, dass die anderen kompetent damit umgehen: {p}
Wer für {p} zuständig ist, ist dafür auch qualifiziert und bekommt passende Aufgaben
Das Personal wird ausreichend fortgebildet, um {p} umzusetzen
Für {p} gibt es nicht nur Worte, sondern auch genug Zeit und Mittel
Unsere Vorgesetzten stehen hinter {p} und geben genug Unterstützung
Ich weiß von Ergebnissen und Daten dazu, was {p} bewirkt
Das Team findet {p} sinnvoll
Ich begrüße die Veränderungen, die {p} in meiner Arbeit gebracht hat
Anregungen und Feedback können genutzt werden, damit {p} besser wird
Ich kann selbst verändern, wie ich meine Arbeit mit dem Ansatz mache ({p})
""",
    "nl": """
Hoe bekend voelt u zich met {p}?
Is {p} nu al vanzelfsprekend in uw dagelijks werk?
Gaat {p} in de toekomst tot uw dagelijks werk behoren?
Het is mij duidelijk hoe {p} anders is dan de gebruikelijke manier van werken
Mijn collega's en ik hebben hetzelfde beeld van waar {p} voor bedoeld is en het doel ervan
Het is me duidelijk hoe {p} mijn eigen taken beïnvloedt
{p} kan een meerwaarde hebben voor mijn werk; dat zie ik als mogelijk
Belangrijke mensen trekken de kar voor {p} en krijgen anderen mee
Ik vind het terecht dat deelname aan {p} bij mijn rol hoort
Ik ben bereid om vanwege {p} op een andere manier met collega's te werken
Ik blijf achter {p} staan en ondersteun het
{p} past gemakkelijk in wat ik nu al doe op het werk
{p} belemmert de samenwerking met collega's
Ik vertrouw erop dat mijn collega's bekwaam met {p} omgaan
De taken rond {p} liggen bij mensen die daar deskundig in zijn
Er wordt genoeg scholing aangeboden om {p} te kunnen toepassen
We krijgen genoeg tijd en geld voor {p}
Het management geeft {p} voldoende steun
Ik heb informatie gezien over wat het effect van {p} is
Anderen in het team vinden {p} zinvol
Ik ben blij met de invloed van {p} op mijn werk
Opmerkingen van gebruikers kunnen helpen om {p} te verbeteren
Ik kan mijn eigen manier van werken met {p} bijstellen
""",
    "sv": """
Hur van är du vid {p}?
Är {p} redan en naturlig del av vardagen för dig?
Tror du att {p} blir en naturlig del av vardagen framöver?
Det är tydligt för mig hur {p} är annorlunda än det vi gjorde tidigare
Personalen har en gemensam uppfattning om målet med {p}
Det är klart för mig hur {p} inverkar på mina egna uppgifter
Jag tror att {p} kan ha en möjlig nytta i mitt arbete
Några eldsjälar leder arbetet med {p} och engagerar kollegor
Jag anser att det är rimligt att {p} ingår i min yrkesroll
Jag är beredd att samarbeta på andra och nya sätt för {p}
Jag kommer fortsatt att ge {p} mitt stöd
{p} går enkelt att passa in i det dagliga arbetet
{p} skadar samarbetet mellan kollegor
Jag har tillit till att mina kollegor klarar av {p}
De som arbetar med {p} har rätt kunskaper för sina uppgifter
Vi har fått nog med utbildning för {p}
Det finns tid och pengar nog för {p}
Cheferna ger {p} tillräckligt stöd
Jag har fått information om vilka effekter {p} har
Andra i personalen anser att {p} är mödan värd
Jag värdesätter de effekter som {p} har haft för mig
Synpunkter från användare kan göra att {p} blir bättre
Jag kan anpassa mitt eget sätt att använda {p}
""",
    "fr": """
Dans l'ensemble, {p} vous est-elle familière ?
Aujourd'hui, {p} fait-elle déjà partie de votre routine ?
À l'avenir, {p} fera-t-elle partie de votre routine ?
Je distingue bien {p} de ce que nous faisions avant
Le personnel a une vision commune de l'objectif de {p}
Il est clair pour moi en quoi {p} a un impact sur mes tâches
{p} pourrait avoir une utilité réelle dans mon travail
Quelques collègues moteurs pilotent {p} et mobilisent les autres
Il me paraît justifié que ma participation à {p} relève de mon poste
Je suis prête à collaborer autrement, de façon nouvelle, pour {p}
Je vais continuer d'apporter mon soutien à {p}
{p} s'insère aisément dans mes tâches actuelles
{p} nuit aux relations entre collègues
J'ai confiance : l'équipe est capable d'utiliser {p}
Les tâches liées à {p} sont confiées à des personnes qualifiées
On nous a proposé assez de formations sur {p}
Nous disposons d'assez de temps et de moyens pour {p}
L'encadrement apporte un appui suffisant à {p}
J'ai reçu des informations sur les résultats de {p}
L'équipe trouve {p} utile
Je suis content de l'effet que {p} a eu sur mon travail et je l'apprécie
Les commentaires reçus peuvent aider à développer {p}
Je peux adapter ma façon d'employer {p}
""",
    "es": """
En general, ¿está usted familiarizado con {p}?
¿Forma ya parte de su rutina {p} hoy en día?
¿Formará parte de su rutina {p} en el futuro?
Distingo bien {p} de lo que hacíamos antes
El personal tiene una visión común del objetivo de {p}
Tengo claro cómo influye {p} en mis tareas
{p} podría ser de gran utilidad en mi trabajo
Hay compañeros que lideran {p} y logran involucrar a otros
Considero justificado que {p} forme parte de mi puesto
Estoy dispuesto a colaborar con mis colegas de una forma distinta por {p}
Voy a continuar dando mi apoyo a {p}
{p} encaja fácilmente en mis tareas habituales
{p} perjudica la relación entre compañeros
Tengo confianza en que mis compañeros son capaces de usar {p}
Las tareas de {p} se encargan a personas con las habilidades necesarias
Hemos recibido bastantes cursos sobre {p}
Disponemos de tiempo y medios suficientes para {p}
Los jefes respaldan {p} lo suficiente
Me ha llegado información y soy consciente de los resultados de {p}
El equipo considera que {p} es útil
Aprecio el impacto de {p} en mi trabajo
Las sugerencias que llegan permiten mejorar {p}
Puedo ajustar yo mismo la manera en que trabajo con {p}
""",
    "it": """
Nel complesso, ha familiarità con {p}?
Oggi {p} fa già parte della sua routine?
In futuro {p} farà parte della sua routine?
Distinguo bene {p} da ciò che facevamo prima
Il personale ha una visione comune dell'obiettivo: {p}
Mi è chiaro quale impatto ha {p} sui miei compiti
{p} potrebbe avere una reale utilità nel mio lavoro
Alcune figure trainanti guidano {p} e coinvolgono i colleghi
Trovo giustificato che {p} rientri nelle mie mansioni
Sono disposto a collaborare in modo diverso con i colleghi per {p}
Continuo a dare il mio sostegno: {p}
{p} si inserisce facilmente nelle attività quotidiane
{p} danneggia la relazione tra colleghi
Mi fido dei colleghi: sanno usare {p} e ne sono capaci
Le attività per {p} sono affidate a persone con le giuste capacità
Ci hanno offerto abbastanza corsi: {p}
Abbiamo tempo e mezzi sufficienti per {p}
I dirigenti danno a {p} un supporto adeguato
Ho ricevuto informazioni sui risultati e ne sono consapevole: {p}
Il gruppo trova {p} utile
Mi fa piacere l'effetto che {p} ha avuto sul mio lavoro e lo apprezzo
I suggerimenti ricevuti possono migliorare {p}
Posso adattare come lavoro io stessa con {p}
""",
    "pt": """
De modo geral, está familiarizado com {p}?
Hoje {p} já faz parte da sua rotina?
No futuro {p} fará parte da sua rotina?
Distingo bem {p} daquilo que fazíamos antes
O pessoal tem uma visão comum do objetivo: {p}
Está claro para mim como {p} influencia as minhas tarefas
{p} poderia ter uma utilidade real no meu trabalho
Alguns colegas lideram {p} e envolvem os outros
Considero justificado que {p} faça parte das minhas funções
Estou disposto a colaborar com os colegas de forma diferente por {p}
Vou continuar a dar o meu apoio: {p}
{p} encaixa facilmente nas tarefas diárias
{p} prejudica a relação entre colegas
Confio em que os colegas são capazes de usar {p}
As tarefas são atribuídas a pessoas qualificadas: {p}
Tivemos treinamento suficiente sobre {p}
Temos tempo e meios suficientes para {p}
As chefias dão apoio suficiente a {p}
Recebi informações sobre os resultados e estou ciente: {p}
A equipe considera {p} útil
Aprecio o impacto de {p} no meu trabalho
As sugestões recebidas podem melhorar {p}
Posso ajustar eu mesmo a forma como uso {p}
""",
}
