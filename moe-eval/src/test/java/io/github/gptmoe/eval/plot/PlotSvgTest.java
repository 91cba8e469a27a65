package io.github.gptmoe.eval.plot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.gptmoe.eval.plot.Curve.Style;
import java.io.IOException;
import java.io.StringReader;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;
import org.xml.sax.InputSource;
import org.xml.sax.SAXException;

class PlotSvgTest {
    private static final String STRANGE = "a<b>&\"'\u0001\uFFFF\uD800 今天";

    private static Document parsed(String xml) {
        try {
            return DocumentBuilderFactory.newInstance()
                    .newDocumentBuilder()
                    .parse(new InputSource(new StringReader(xml)));
        } catch (SAXException | IOException | ParserConfigurationException malformed) {
            throw new AssertionError(malformed.getMessage() + "\n" + xml, malformed);
        }
    }

    private static Curve curve(String name, int colour, Style style, double... values) {
        List<Integer> steps = IntStream.range(0, values.length).boxed().toList();
        return new Curve(name, Points.of(steps, step -> 10.0 * step, step -> values[step]), colour, style, 0.1);
    }

    private static Plot plot(boolean logarithmic, List<Level> levels, Curve... curves) {
        return new Plot("loss", "Loss", "nats", logarithmic, "tokens", "steps", List.of(curves), levels);
    }

    private static List<Element> byClass(Document document, String element, String style) {
        NodeList all = document.getElementsByTagName(element);
        return IntStream.range(0, all.getLength())
                .mapToObj(i -> (Element) all.item(i))
                .filter(node -> List.of(node.getAttribute("class").split(" ")).contains(style))
                .toList();
    }

    private static List<String> texts(Document document, String style) {
        return byClass(document, "text", style).stream()
                .map(Element::getTextContent)
                .toList();
    }

    @Test
    void aFileOfItsOwnIsWellFormedWhateverTheNames() {
        Plot plot = plot(
                false,
                List.of(new Level(STRANGE, 2)),
                curve(STRANGE, 0, Style.RAW, 1, 2, 3),
                curve(STRANGE, 0, Style.LINE, 1, 2, 3),
                curve("other", 1, Style.MARKED, 3, 2, 1));
        Document document = parsed(PlotSvg.file(plot));
        assertThat(document.getDocumentElement().getNamespaceURI()).isNull(); // the parser is not namespace-aware
        assertThat(document.getDocumentElement().getAttribute("xmlns")).isEqualTo(PlotSvg.NAMESPACE);
        assertThat(texts(document, "note")).singleElement().asString().contains("a<b>&\"'", "今天 2");
        assertThat(PlotSvg.style()).doesNotContain("<", "&", "\"", ">", "http", "url(");
    }

    @Test
    void bothAxesAreLabelled() {
        Document document = parsed(PlotSvg.file(plot(false, List.of(), curve("run", 0, Style.LINE, 4, 3, 2, 1, 0))));
        assertThat(texts(document, "tick")).contains("0", "1", "4", "10", "40");
        assertThat(texts(document, "second")).contains("0", "1", "4");
        assertThat(texts(document, "unit")).contains("tokens (above), steps (below)");
    }

    @Test
    void theSecondAxisIsLeftOutIfCurvesDoNotAgreeOnIt() {
        Curve run = curve("run", 0, Style.LINE, 1, 2);
        Curve other = new Curve("other", run.points(), 1, Style.LINE, 0.2);
        assertThat(texts(parsed(PlotSvg.file(plot(false, List.of(), run, other))), "second"))
                .isEmpty();
    }

    @Test
    void aGapBreaksTheLineAndALonelyPointIsMarked() {
        double gap = Double.NaN;
        Document document =
                parsed(PlotSvg.file(plot(false, List.of(), curve("run", 0, Style.LINE, 1, 2, gap, 3, gap, 4, 5))));
        String path = byClass(document, "path", "curve").get(0).getAttribute("d");
        assertThat(path.chars().filter(letter -> letter == 'M')).hasSize(3);
        assertThat(path.chars().filter(letter -> letter == 'L')).hasSize(2);
        assertThat(byClass(document, "path", "mark")).hasSize(1);
    }

    @Test
    void pointersAreTold() {
        Document document = parsed(PlotSvg.file(plot(false, List.of(), curve("run", 0, Style.LINE, 1.5, 2.5))));
        assertThat(byClass(document, "rect", "hover"))
                .extracting(tip -> tip.getTextContent().strip())
                .containsExactly("run 1.5 at 0 tokens, 0 steps", "run 2.5 at 10 tokens, 1 steps");
    }

    @Test
    void whatCannotBeDrawnLeavesAnEmptyPlot() {
        for (boolean logarithmic : new boolean[] {false, true}) {
            for (double[] values : new double[][] {{}, {Double.NaN}, {0}, {-1, 0}, {7}, {5, 5}, {1e300, -1e300}}) {
                Plot plot = plot(logarithmic, List.of(), curve("run", 0, Style.LINE, values));
                assertThat(PlotSvg.file(plot)).doesNotContain("NaN", "Infinity");
                parsed(PlotSvg.file(plot));
            }
        }
        assertThat(plot(false, List.of(), curve("run", 0, Style.LINE, 0, Double.NaN))
                        .hasContent())
                .isFalse();
        assertThat(plot(false, List.of(), curve("run", 0, Style.LINE, 0, 1)).hasContent())
                .isTrue();
    }

    @Test
    void equalFactorsOfALogarithmicXAreEquallyFar() {
        List<Double> places = List.of(0.0, 4.0, 8.0, 16.0);
        Curve doubling =
                new Curve("run", Points.of(places, place -> place, place -> place + 1), 0, Style.MARKED, Double.NaN);
        Plot plot = new Plot("cost", "Cost", "ns", false, true, "layers", "", List.of(doubling), List.of());
        Document document = parsed(PlotSvg.file(plot));
        String path = byClass(document, "path", "curve").get(0).getAttribute("d");
        double[] x = Pattern.compile("[ML]([0-9.]+),")
                .matcher(path)
                .results()
                .mapToDouble(place -> Double.parseDouble(place.group(1)))
                .toArray();
        assertThat(x).as("0 has no logarithm").hasSize(3);
        assertThat(x[2] - x[1]).isCloseTo(x[1] - x[0], within(0.02));
        assertThat(byClass(document, "rect", "hover"))
                .extracting(tip -> tip.getTextContent().strip())
                .containsExactly("run 5 at 4 layers", "run 9 at 8 layers", "run 17 at 16 layers");
    }

    @Test
    void manyCurvesHaveALegendOfSeveralRowsAndKeepApart() {
        List<Curve> curves = new ArrayList<>();
        for (int i = 0; i < 24; i++) {
            curves.add(curve("run number " + i, i, Style.LINE, i, i + 1));
        }
        Document document = parsed(PlotSvg.file(plot(false, List.of(), curves.toArray(Curve[]::new))));
        assertThat(document.getDocumentElement().getTextContent()).contains("run number 0", "run number 23");
        assertThat(IntStream.range(0, 24).mapToObj(PlotSvg::colour)).doesNotHaveDuplicates();
    }

    @Test
    void longCurvesStaySmall() {
        double[] values = IntStream.range(0, 200_000).mapToDouble(Math::sin).toArray();
        assertThat(PlotSvg.file(plot(false, List.of(), curve("run", 0, Style.LINE, values))))
                .hasSizeLessThan(60_000);
    }

    @Test
    void barsShowEveryShare() {
        Document document = parsed(LoadBars.element(List.of(0.5, 0.25, 0.25, 0.0)));
        assertThat(byClass(document, "rect", "bar"))
                .extracting(tip -> tip.getTextContent().strip())
                .containsExactly("expert 0: 50.00 %", "expert 1: 25.00 %", "expert 2: 25.00 %", "expert 3: 0.00 %");
        assertThat(LoadBars.element(List.of())).isEmpty();
    }

    @Test
    void elementsLeftOpenAreADefect() {
        assertThatThrownBy(() -> new Markup().open("p").finish()).isInstanceOf(IllegalStateException.class);
    }
}
