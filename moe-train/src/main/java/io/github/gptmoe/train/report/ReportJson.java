package io.github.gptmoe.train.report;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializerProvider;
import com.fasterxml.jackson.databind.module.SimpleModule;
import com.fasterxml.jackson.databind.ser.std.StdSerializer;
import java.io.IOException;

/** JSON as reports write it: a number that is not finite becomes null, since JSON has no NaN. */
public final class ReportJson {
    private ReportJson() {}

    /**
     * A mapper for the records of this package.
     *
     * @return a new mapper; reading null into a number gives 0
     */
    public static ObjectMapper mapper() {
        SimpleModule module = new SimpleModule();
        module.addSerializer(double.class, new FiniteOrNull());
        module.addSerializer(Double.class, new FiniteOrNull());
        return new ObjectMapper().registerModule(module).disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES);
    }

    private static final class FiniteOrNull extends StdSerializer<Double> {
        private static final long serialVersionUID = 1L;

        FiniteOrNull() {
            super(Double.class);
        }

        @Override
        public void serialize(Double value, JsonGenerator json, SerializerProvider provider) throws IOException {
            if (Double.isFinite(value)) {
                json.writeNumber(value);
            } else {
                json.writeNull();
            }
        }
    }
}
